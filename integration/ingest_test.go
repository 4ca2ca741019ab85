package integration_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const activities = "SELECT count() FROM resource_events FINAL WHERE event_type LIKE 'activity.%'"

// TestIngestRealFiles ingests real files, again, and in another order: one activity for
// each record, and every table the same.
func TestIngestRealFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path    string
		records int64 // 0: whatever the files hold
	}{
		{"cloudtrail/invictus", 2093},
		{"cloudtrail/stratus", 0},
		{"eventbridge", 0},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			input := realData(t, c.path)
			data := t.TempDir()
			first := ingest(t, data, input)
			t.Logf("first run: %+v", first)
			if c.records != 0 && first.Read != c.records {
				t.Errorf("read %d records, want %d", first.Read, c.records)
			}
			if first.Failed != 0 || first.DLQ != 0 {
				t.Errorf("%d failed, %d in the dead-letter queue: %v", first.Failed, first.DLQ, first.Reasons)
			}
			if first.Skipped != 0 {
				t.Errorf("passed over %q", first.SkippedFiles)
			}
			if first.Inserted != first.Published || first.Inserted < first.Read {
				t.Errorf("inserted %d of %d published events of %d records", first.Inserted, first.Published, first.Read)
			}
			if got := number(t, data, activities); got != first.Read {
				t.Errorf("%d activities for %d records", got, first.Read)
			}
			want := tables(t, data)

			again := ingest(t, data, input)
			if again.Inserted != 0 || again.Duplicates != again.Published {
				t.Errorf("the second run inserted %d new events and found %d of %d there", again.Inserted, again.Duplicates, again.Published)
			}
			same(t, "after a second run", want, tables(t, data))

			for seed := range uint64(2) {
				other := t.TempDir()
				ingest(t, other, shuffled(t, input, seed))
				same(t, fmt.Sprintf("files in another order, seed %d", seed), want, tables(t, other))
			}
		})
	}
}

// shuffled copies a folder's files under names that sort in another order.
func shuffled(t *testing.T, input string, seed uint64) string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(input, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(seed, seed)).Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	dir := t.TempDir()
	for i, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%04d-%s", i, strings.ReplaceAll(filepath.Base(path), "_", "-"))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
