package cur_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"polo/envelope"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

// folder creates a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		write(t, os.MkdirAll(filepath.Dir(name), 0o755))
		write(t, os.WriteFile(name, []byte(content), 0o600))
		// All files have the same time, so that it decides nothing.
		write(t, os.Chtimes(name, time.Time{}, observed))
	}
	return dir
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write([]byte(s))
	write(t, err)
	write(t, w.Close())
	return buf.String()
}

// plan picks the right files of a folder, and the right bills are completed.
func TestPlan(t *testing.T) {
	t.Parallel()
	manifest := func(id, key string) string {
		return `{"assemblyId":"` + id + `","account":"000000000042","reportName":"r","billingPeriod":{"start":"20260201T000000.000Z","end":"20260301T000000.000Z"},"reportKeys":["` + key + `"]}`
	}
	export := func(id, key string) string {
		return `{"executionId":"` + id + `","exportArn":"arn:aws:bcm-data-exports:us-east-1:000000000042:export/e","dataFiles":["s3://b/` + key + `"]}`
	}
	costing := func(cost string) string { return strings.Replace(cur1(), `"1.5"`, `"`+cost+`"`, 1) }
	empty := strings.SplitAfter(cur1(), "\n")[0]
	february := []string{"000000000042 2026-02-01 2026-03-01"}
	for _, tc := range []struct {
		name      string
		files     map[string]string
		costs     []string
		completed []string
		skipped   []string
	}{
		{"two files without a manifest", map[string]string{"a.csv": cur1(), "b/c.csv.gz": zipped(t, strings.Replace(costing("2"), "abc", "d", 1))}, []string{"1.5", "2"}, february, nil},
		{"a file in two forms", map[string]string{"a.csv": focus(), "a.csv.gz": zipped(t, focus())}, []string{"1.5"}, february, []string{"a.csv.gz: the same file in another form is read"}},
		{"CUR and FOCUS of one bill", map[string]string{"a.csv": cur1(), "b.csv": focus()}, []string{"1.5"}, february, []string{"b.csv: its bills are read from another report"}},
		{
			"files that are not a bill",
			map[string]string{"a.csv": cur1(), "b.csv": "x,y\n1,2\n", "c.csv": "", "d.json": "{}", ".git/e.csv": cur1()},
			[]string{"1.5"},
			february,
			[]string{"b.csv: not a bill: none of its columns is one of CUR or FOCUS", "c.csv: empty", "d.json: not a bill's file"},
		},
		{
			"an overwritten report",
			map[string]string{"p/r/20260201-20260301/r-Manifest.json": manifest("x", "p/r/20260201-20260301/r-1.csv"), "p/r/20260201-20260301/r-1.csv": cur1()},
			[]string{"1.5"},
			february, nil,
		},
		{"two assemblies, the current one named above", map[string]string{
			"p/r/20260201-20260301/r-Manifest.json":   manifest("a", "p/r/20260201-20260301/a/r-1.csv"),
			"p/r/20260201-20260301/a/r-Manifest.json": manifest("a", "p/r/20260201-20260301/a/r-1.csv"),
			"p/r/20260201-20260301/z/r-Manifest.json": manifest("z", "p/r/20260201-20260301/z/r-1.csv"),
			"p/r/20260201-20260301/a/r-1.csv":         costing("3"), "p/r/20260201-20260301/z/r-1.csv": costing("4"),
		}, []string{"3"}, february, []string{"p/r/20260201-20260301/z/r-1.csv: an older delivery of its period"}},
		{"two assemblies by their times", map[string]string{
			"r/20260201-20260301/20260203T081120Z/r-Manifest.json": manifest("20260203T081120Z", "p/r/20260201-20260301/20260203T081120Z/r-1.csv"),
			"r/20260201-20260301/20260205T165709Z/r-Manifest.json": manifest("20260205T165709Z", "p/r/20260201-20260301/20260205T165709Z/r-1.csv"),
			"r/20260201-20260301/20260203T081120Z/r-1.csv":         costing("3"), "r/20260201-20260301/20260205T165709Z/r-1.csv": costing("4"),
		}, []string{"4"}, february, []string{"r/20260201-20260301/20260203T081120Z/r-1.csv: an older delivery of its period"}},
		{"two executions of an export", map[string]string{
			"e/metadata/BILLING_PERIOD=2026-02/2026-02-09T00:00:00.000Z-f/e-Manifest.json": export("2026-02-09T00:00:00.000Z-f", "p/e/data/BILLING_PERIOD=2026-02/2026-02-09T00:00:00.000Z-f/e-1.csv"),
			"e/metadata/BILLING_PERIOD=2026-02/2026-02-10T00:00:00.000Z-a/e-Manifest.json": export("2026-02-10T00:00:00.000Z-a", "p/e/data/BILLING_PERIOD=2026-02/2026-02-10T00:00:00.000Z-a/e-1.csv"),
			"e/data/BILLING_PERIOD=2026-02/2026-02-09T00:00:00.000Z-f/e-1.csv":             costing("3"), "e/data/BILLING_PERIOD=2026-02/2026-02-10T00:00:00.000Z-a/e-1.csv": costing("4"),
		}, []string{"4"}, february, []string{"e/data/BILLING_PERIOD=2026-02/2026-02-09T00:00:00.000Z-f/e-1.csv: an older delivery of its period"}},
		{"a file that the manifest does not name", map[string]string{
			"r/20260201-20260301/r-Manifest.json": manifest("a", "p/r/20260201-20260301/a/r-1.csv"), "r/20260201-20260301/a/r-1.csv": cur1(), "r/20260201-20260301/a/r-2.csv": costing("9"),
		}, []string{"1.5"}, february, []string{"r/20260201-20260301/a/r-2.csv: no manifest names it, and its report has one"}},
		{"a delivery alone", map[string]string{"r-Manifest.json": manifest("a", "p/r/20260201-20260301/a/r-1.csv"), "r-1.csv": cur1()}, []string{"1.5"}, february, nil},
		{"a bill of nothing", map[string]string{"r-Manifest.json": manifest("a", "p/r/20260201-20260301/a/r-1.csv"), "r-1.csv": empty}, nil, february, nil},
		{"a member's own report", map[string]string{
			"r-Manifest.json": manifest("a", "p/r/20260201-20260301/a/r-1.csv"),
			"r-1.csv":         strings.Replace(cur1(), `"000000000042","2026-02-01`, `"000000000001","2026-02-01`, 1),
		}, []string{"1.5"}, []string{"000000000001 2026-02-01 2026-03-01"}, nil},
		{"two assemblies without a manifest", map[string]string{
			"p/r/20260201-20260301/a/r-1.csv": costing("3"), "p/r/20260201-20260301/z/r-1.csv": costing("14"),
		}, []string{"14"}, nil, []string{"p/r/20260201-20260301/a/r-1.csv: another delivery of its period is read, and it is not known which is later"}},
		{"two assemblies without a manifest, with times", map[string]string{
			"p/r/20260201-20260301/20260203T081120Z/r-1.csv": costing("30"), "p/r/20260201-20260301/20260205T165709Z/r-1.csv": costing("4"),
			"p/r/20260201-20260301/20260205T165709Z/r-2.csv": strings.Replace(costing("5"), `"abc"`, `"abd"`, 1),
		}, []string{"4", "5"}, february, []string{"p/r/20260201-20260301/20260203T081120Z/r-1.csv: an older delivery of its period"}},
		{"partitions of one delivery", map[string]string{
			"e/BILLING_PERIOD=2026-02/day=1/a.csv": costing("3"), "e/BILLING_PERIOD=2026-02/day=2/a.csv": strings.Replace(costing("4"), `"abc"`, `"abd"`, 1),
		}, []string{"3", "4"}, february, nil},
		{"two reports of one bill", map[string]string{
			"r/20260201-20260301/r-Manifest.json": manifest("a", "r/20260201-20260301/r-1.csv"), "r/20260201-20260301/r-1.csv": cur1(),
			"e/metadata/BILLING_PERIOD=2026-02/e-Manifest.json": export("", "e/data/BILLING_PERIOD=2026-02/e-1.csv"), "e/data/BILLING_PERIOD=2026-02/e-1.csv": focus(),
		}, []string{"1.5"}, february, []string{"r/20260201-20260301/r-1.csv: its bills are read from another report"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, r := collect(t, cur.Files{Input: folder(t, tc.files)})
			var costs []string
			for _, c := range ids(r) {
				costs = append(costs, c)
			}
			slices.Sort(costs)
			if d := cmp.Diff(tc.costs, costs); d != "" {
				t.Errorf("costs (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.completed, completions(r)); d != "" {
				t.Errorf("completed (-want +got):\n%s", d)
			}
			var skipped []string
			for _, f := range s.Skipped {
				skipped = append(skipped, f.Name+": "+f.Why)
			}
			slices.Sort(skipped)
			if d := cmp.Diff(tc.skipped, skipped); d != "" {
				t.Errorf("skipped (-want +got):\n%s", d)
			}
		})
	}
}

// A part of a bill completes nothing.
func TestPartial(t *testing.T) {
	t.Parallel()
	s, r := collect(t, cur.Files{Input: file(t, "a.csv", cur1()), Partial: true})
	if len(completions(r)) > 0 || len(s.Bills) != 1 || s.Bills[0].Complete {
		t.Errorf("completed %v: %+v", completions(r), s.Bills)
	}
}

// An implausible billing period completes nothing.
func TestUnlikelyPeriods(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, start, end string }{
		{"a hundred years", "2026-02-01T00:00:00Z", "2126-03-01T00:00:00Z"},
		{"too early", "0026-02-01T00:00:00Z", "0026-03-01T00:00:00Z"},
		{"half days", "2026-02-01T12:00:00Z", "2026-03-01T00:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			csv := strings.NewReplacer("2026-02-01T00:00:00Z", tc.start, "2026-03-01T00:00:00Z", tc.end).Replace(cur1())
			s, r := collect(t, cur.Files{Input: file(t, "a.csv", csv)})
			if s.Events != 1 || len(completions(r)) > 0 || s.Bills[0].Complete {
				t.Errorf("completed %v: %+v", completions(r), s)
			}
		})
	}
}

// A bill that is overwritten while it is read is incomplete.
func TestOverwritten(t *testing.T) {
	t.Parallel()
	b := curtest.Small()
	dir := t.TempDir()
	write(t, b.CUR1(dir, assembly))
	first := filepath.Join(dir, home, assembly, "costs-1.csv.gz")
	s, r := collect(t, cur.Files{Input: dir, Progress: func(p cur.Progress) {
		if p.Files == 2 {
			write(t, os.Chtimes(first, time.Time{}, observed))
		}
	}})
	if len(completions(r)) > 0 || !strings.Contains(s.Bills[0].Why, "overwritten") {
		t.Errorf("completed %v: %+v", completions(r), s.Bills)
	}
}

func TestNoInput(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"", filepath.Join(t.TempDir(), "nowhere"), t.TempDir(), file(t, "a.txt", "hello"), "nosuch://bucket"} {
		_, r, err := tryCollect(t, cur.Files{Input: input})
		if err == nil || len(completions(r)) > 0 {
			t.Errorf("%q: error %v", input, err)
		}
		if !strings.Contains(input, "nosuch") && !errors.Is(err, cur.ErrNoInput) {
			t.Errorf("%q: %v, want ErrNoInput", input, err)
		}
		for _, e := range r.Events {
			if e.EventType == envelope.TypeScanIncomplete && !strings.Contains(input, "nosuch") {
				t.Errorf("%q: a gap, though no bill is there", input)
			}
		}
	}
}
