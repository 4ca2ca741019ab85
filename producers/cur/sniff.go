package cur

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Sniff reports, by the first bytes of a file (64 KiB suffice), whether it may be a bill's: CSV
// with the columns of CUR or FOCUS, plain or gzipped, a zip of a CSV, a manifest, or any Parquet
// file, whose columns are at its end. The name only decides whether JSON is a manifest.
func Sniff(name string, head []byte) bool {
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return true
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipsCSV(head)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(head))
		if err != nil {
			return false
		}
		plain, err := io.ReadAll(io.LimitReader(z, maxRecord))
		if err != nil && len(plain) == 0 {
			return false
		}
		head = plain
	}
	if start := bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"); bytes.HasPrefix(start, []byte("{")) {
		return isManifestName(name) && (bytes.Contains(head, []byte(`"assemblyId"`)) || bytes.Contains(head, []byte(`"reportKeys"`)) ||
			bytes.Contains(head, []byte(`"dataFiles"`)) || bytes.Contains(head, []byte(`"executionId"`)))
	}
	s := &csvSource{records: &records{in: bufio.NewReader(bytes.NewReader(head)), comma: ',', line: 1}}
	header, err := s.header()
	if err != nil {
		return false
	}
	_, err = s.names(header)
	return !errors.Is(err, errNoBill)
}

// NamesData reports whether a name is that of a bill's data: CSV or Parquet, compressed or not.
func NamesData(name string) bool {
	_, ok := dataStem(name)
	lower := strings.ToLower(name)
	return ok && (strings.Contains(path.Base(lower), ".csv") || strings.Contains(path.Base(lower), ".parquet"))
}

// zipsCSV reports whether a zip's first file is a CSV by its name: its length is at byte 26, and
// it begins at byte 30.
func zipsCSV(head []byte) bool {
	if len(head) < 30 {
		return false
	}
	n := int(head[26]) | int(head[27])<<8
	if len(head) < 30+n {
		return false
	}
	return strings.EqualFold(path.Ext(string(head[30:30+n])), ".csv")
}
