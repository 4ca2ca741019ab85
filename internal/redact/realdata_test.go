package redact_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/internal/redact"
)

// TestRealFiles: in real files whose secrets were masked before, hardly any value is
// redacted.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real files to test on")
	}
	values, taken, files := 0, 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var v, n int
		switch filepath.Ext(path) {
		case ".json":
			v, n, err = inJSON(t, path)
		case ".csv":
			v, n, err = inCSV(t, path)
		default:
			return nil
		}
		files++
		values, taken = values+v, taken+n
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files: %v", files, err)
	}
	t.Logf("%d of %d values of %d files are taken for secrets: %.4f %%", taken, values, files, 100*float64(taken)/float64(values))
	if taken*1000 > values {
		t.Errorf("%d of %d values are taken for secrets, more than 1 in 1000", taken, values)
	}
}

// inJSON counts the values of a file, and those that are redacted at least in part.
func inJSON(t *testing.T, path string) (values, taken int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	if !json.Valid(data) {
		return 0, 0, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		if _, ok := token.(json.Delim); !ok && token != nil {
			values++ // names are counted too
		}
	}
	clean, places := redact.Bytes(data)
	if !json.Valid(clean) {
		t.Errorf("%s is not JSON any more", path)
	}
	for _, place := range places {
		t.Logf("%s: %s: %.80s", filepath.Base(path), place, at(data, place))
	}
	return values / 2, max(bytes.Count(clean, []byte("***"))-bytes.Count(data, []byte("***")), len(places)), nil
}

// at returns the value at a JSON pointer.
func at(data []byte, pointer string) string {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return ""
	}
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			var n int
			if json.Unmarshal([]byte(step), &n) != nil || n >= len(in) {
				return ""
			}
			v = in[n]
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func inCSV(t *testing.T, path string) (values, taken int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	columns, err := r.Read()
	if err != nil {
		return 0, 0, nil //nolint:nilerr // an empty file has no values
	}
	logged := map[string]bool{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return values, taken, nil
		}
		if err != nil {
			return values, taken, nil //nolint:nilerr // damaged from here on
		}
		for i, v := range row {
			if v == "" || i >= len(columns) {
				continue
			}
			values++
			if clean := redact.Value(columns[i], v); clean != v {
				taken++
				if !logged[columns[i]] {
					logged[columns[i]] = true
					t.Logf("%s: %s: %.120s", filepath.Base(path), columns[i], v)
				}
			}
		}
	}
}
