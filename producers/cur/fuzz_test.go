package cur_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/producers/emittertest"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

// FuzzCSV checks for any file: events are valid; a second reading gives the same; a bill that
// lost a row is incomplete; a good row is read if its neighbour is damaged.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(cur1("resource_tags", `{"user_a":"b"}`, "product", `{"region":"x"}`)))
	f.Add([]byte(focus("Tags", `[{"key":"a","value":"b"}]`)))
	f.Add([]byte(rows(cur1(), cur1("x", "y"), "\n\"a\nb\",\"\n")))
	f.Add([]byte("\xef\xbb\xbf" + strings.ReplaceAll(cur1("identity/TimeInterval", "2026-02-05T00:00:00Z/2026-02-05T01:00:00Z"), `","`, `";"`)))
	f.Add([]byte(zippedBytes(f)))
	f.Add([]byte(strings.Replace(cur1(), "2026-02-01T", "0026-02-01T", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "bill.csv")
		write(t, os.WriteFile(name, data, 0o600))
		a, b := &emittertest.Recorder{}, &emittertest.Recorder{}
		files := cur.Files{Input: name, ObservedAt: observed}
		s, err := files.Collect(t.Context(), a)
		if err != nil && !errors.Is(err, cur.ErrNoInput) {
			t.Fatal(err)
		}
		if _, again := files.Collect(t.Context(), b); (again == nil) != (err == nil) {
			t.Fatalf("%v, and again %v", err, again)
		}
		if d := cmp.Diff(ids(a), ids(b)); d != "" {
			t.Errorf("read again (-first +second):\n%s", d)
		}
		for _, e := range a.Events {
			if err := e.Validate(); err != nil {
				t.Errorf("%s: %v", e.EventType, err)
			}
		}
		if s.Events > s.Lines || s.Lines > s.Events+s.Elsewhere+int64(len(a.Failures)) {
			t.Errorf("%d events and %d failures of %d lines", s.Events, len(a.Failures), s.Lines)
		}
		rejected := false
		for _, bill := range s.Bills {
			rejected = rejected || bill.Complete
		}
		if len(a.Failures) > 0 && len(s.Bills) == 1 && rejected {
			t.Errorf("complete with %d failures: %+v", len(a.Failures), s.Bills)
		}
	})
}

func zippedBytes(f *testing.F) string {
	f.Helper()
	dir := f.TempDir()
	b := curtest.Small()
	b.Lines, b.Files = 3, 1
	if err := b.CUR1(dir, "x"); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, home, "x", "costs-1.csv.gz"))
	if err != nil {
		f.Fatal(err)
	}
	return string(data)
}

// FuzzManifest checks that no manifest is half read: an accepted one names its files and its
// period, and a rejected one completes nothing.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"assemblyId":"a","account":"1","reportName":"r","billingPeriod":{"start":"20260201T000000.000Z","end":"20260301T000000.000Z"},"reportKeys":["x/bill.csv"]}`))
	f.Add([]byte(`{"executionId":"2026-02-10T00:00:00.000Z-a","dataFiles":[{"key":"s3://b/BILLING_PERIOD=2026-02/bill.csv"}]}`))
	f.Add([]byte(`{"dataFiles":["e/BILLING_PERIOD=2026-02/bill.csv"],"billingPeriod":"2026-02"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := cur.ParseManifest("20260201-20260301/r-Manifest.json", data)
		if err == nil && (m.Period.IsZero() || m.Report == "") {
			t.Errorf("accepted: %+v", m)
		}
		for _, k := range m.Keys {
			if k == "" {
				t.Error("a file without a name")
			}
		}
		dir := t.TempDir()
		write(t, os.WriteFile(filepath.Join(dir, "r-Manifest.json"), data, 0o600))
		write(t, os.WriteFile(filepath.Join(dir, "bill.csv"), []byte(cur1()), 0o600))
		r := &emittertest.Recorder{}
		s, err := cur.Files{Input: dir, ObservedAt: observed}.Collect(t.Context(), r)
		if err != nil && !errors.Is(err, cur.ErrNoInput) {
			t.Fatal(err)
		}
		if len(r.Failures) > 0 && len(completions(r)) > 0 {
			t.Errorf("completed %v with failures %+v", completions(r), r.Failures)
		}
		if n := int64(len(r.Of(envelope.TypeCostAccrued))); n != s.Events {
			t.Errorf("%d lines, %d in the summary", n, s.Events)
		}
	})
}
