package sample_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"polo/producers/emittertest"

	"polo/envelope"
	"polo/local/sample"
	"polo/producers/cloudtrail"
)

var day = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)

func write(t testing.TB, o sample.Options) (string, sample.Summary) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.Day = day
	sum, err := sample.Write(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Dir, sum
}

// hash hashes every file's name and content.
func hash(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		_, _ = h.Write([]byte(name))
		_, _ = h.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameOptionsSameFiles(t *testing.T) {
	t.Parallel()
	for _, gz := range []bool{true, false} {
		one, _ := write(t, sample.Options{Records: 5000, Seed: 4, Gzip: gz})
		two, _ := write(t, sample.Options{Records: 5000, Seed: 4, Gzip: gz})
		if hash(t, one) != hash(t, two) {
			t.Errorf("gzip %v: the same seed writes other files", gz)
		}
		if other, _ := write(t, sample.Options{Records: 5000, Seed: 5, Gzip: gz}); hash(t, one) == hash(t, other) {
			t.Errorf("gzip %v: another seed writes the same files", gz)
		}
	}
}

func TestRecordsAreAsCounted(t *testing.T) {
	t.Parallel()
	dir, sum := write(t, sample.Options{Records: 20_000, Seed: 1, Gzip: true})
	ids := map[string]int{}
	files, records := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(z)
		if err != nil {
			return err
		}
		var file struct {
			Records []struct{ EventID string }
		}
		if err := json.Unmarshal(text, &file); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		for _, r := range file.Records {
			ids[r.EventID]++
			records++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if records != 20_000 || sum.Records != records || sum.Distinct != len(ids) || sum.Files != files {
		t.Errorf("%d records, %d distinct, %d files; the summary says %+v", records, len(ids), files, sum)
	}
	if len(ids) == records {
		t.Error("no record is delivered twice")
	}
}

// TestEveryRecordIsUnderstood: the collector rejects no record, and every terminated
// instance was launched before.
func TestEveryRecordIsUnderstood(t *testing.T) {
	t.Parallel()
	dir, sum := write(t, sample.Options{Records: 20_000, Seed: 2, Gzip: true})
	var got emittertest.Recorder
	files := cloudtrail.Files{Input: dir, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: day}
	read, err := files.Collect(t.Context(), &got)
	if err != nil {
		t.Fatal(err)
	}
	if read.Read != int64(sum.Records) || len(got.Failures) > 0 {
		t.Fatalf("read %d of %d records, %d rejected", read.Read, sum.Records, len(got.Failures))
	}
	kinds := map[string]int{}
	made := map[string]bool{}
	for i := range got.Events {
		e := &got.Events[i]
		if err := e.Validate(); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
		kinds[e.EventType]++
		if e.EventType == envelope.TypeResourceCreated {
			made[e.ARN] = true
		}
	}
	for _, e := range got.Events {
		if e.EventType == envelope.TypeResourceDeleted && e.ResourceType == "ec2:instance" && !made[e.ARN] {
			t.Errorf("%s was terminated and never launched", e.ARN)
		}
	}
	for _, kind := range []string{
		envelope.TypeAPICall, envelope.TypeConsoleSignIn, envelope.TypeServiceEvent,
		envelope.TypeResourceCreated, envelope.TypeResourceUpdated, envelope.TypeResourceDeleted,
	} {
		if kinds[kind] == 0 {
			t.Errorf("a day without %s: %v", kind, kinds)
		}
	}
	t.Logf("%v; ARNs %v", kinds, read.Resolutions)
}

func BenchmarkWrite(b *testing.B) {
	const records = 20_000
	for b.Loop() {
		_, sum := write(b, sample.Options{Dir: b.TempDir(), Records: records, Seed: 1})
		b.SetBytes(sum.Bytes)
	}
	b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
