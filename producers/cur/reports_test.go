package cur_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"polo/producers/emittertest"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

// bucketOf returns a bucket with a folder's files.
func bucketOf(t *testing.T, dir string) *blob.Bucket {
	t.Helper()
	b := memblob.OpenBucket(nil)
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		return b.WriteAll(t.Context(), filepath.ToSlash(name), data, nil)
	})
	write(t, err)
	return b
}

// run runs reports once, on schedule.
func run(t *testing.T, c cur.Reports, at time.Time) (producers.Summary, *emittertest.Recorder) {
	t.Helper()
	r := &emittertest.Recorder{}
	s, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: c, Accounts: []account.Account{{ID: "000000000042", Role: "search"}, {ID: "012345678901", Role: "payer"}},
		Emitter: r, Scheduled: at, Now: func() time.Time { return observed },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Events {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	return s, r
}

// A run reads the month of its scheduled time and the one before, of both kinds of delivery,
// whenever it runs.
func TestReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := map[string]int{}
	for _, month := range []time.Month{time.January, time.February, time.March} {
		b := curtest.Small()
		b.Month = time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
		b.Lines = 50 + int(month)
		write(t, b.CUR1(dir, assembly))
		b.Report = "export"
		write(t, b.CUR2(dir, "2026-03-05T00:00:00.000Z-x", false))
		want[b.Month.Format("2006-01")] = b.Lines
	}
	all := bucketOf(t, dir)
	t.Cleanup(func() { write(t, all.Close()) })
	for _, tc := range []struct {
		name   string
		report cur.Report
		at     time.Time
		months []string
		gaps   int
	}{
		{"CUR 1", cur.Report{Prefix: "bills", Name: "costs"}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), []string{"2026-02", "2026-03"}, 0},
		{"an export", cur.Report{Prefix: "bills/", Name: "export"}, time.Date(2026, 2, 28, 23, 59, 0, 0, time.UTC), []string{"2026-01", "2026-02"}, 0},
		{"the first month", cur.Report{Prefix: "bills", Name: "costs"}, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), []string{"2026-01"}, 1},
		{"a month too early", cur.Report{Prefix: "bills", Name: "costs"}, time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC), []string{"2026-03"}, 0},
		{"no such report", cur.Report{Prefix: "bills", Name: "nothing"}, time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), nil, 2},
		{"every report", cur.Report{Prefix: "bills"}, time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), []string{"2026-02", "2026-03"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.report.Account = "012345678901"
			c := cur.Reports{Reports: []cur.Report{tc.report}, Open: func(context.Context, cur.Report) (*blob.Bucket, error) {
				return blob.PrefixedBucket(bucketOf(t, dir), ""), nil
			}}
			s, r := run(t, c, tc.at)
			lines := map[string]int{}
			for _, e := range r.Of(envelope.TypeCostAccrued) {
				lines[e.TS.Format("2006-01")]++
				if e.AccountID == "000000000042" && e.AccountRole != "search" {
					t.Fatalf("the role of an account is %q", e.AccountRole)
				}
			}
			months := map[string]int{}
			for _, m := range tc.months {
				months[m] = want[m]
			}
			if d := cmp.Diff(months, lines); d != "" {
				t.Errorf("lines (-want +got):\n%s", d)
			}
			if len(s.Gaps) != tc.gaps || s.Completions != len(tc.months) {
				t.Errorf("%d gaps and %d completions, want %d and %d: %+v", len(s.Gaps), s.Completions, tc.gaps, len(tc.months), s.Gaps)
			}
		})
	}
}

// A bucket that cannot be opened is a gap for its payer only.
func TestOneBucketFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, curtest.Small().CUR1(dir, assembly))
	c := cur.Reports{
		Reports: []cur.Report{{Account: "1", Prefix: "bills", Name: "costs"}, {Account: "012345678901", Prefix: "bills", Name: "costs"}, {Account: "1", Name: "other"}},
		Open: func(_ context.Context, r cur.Report) (*blob.Bucket, error) {
			if r.Account == "1" {
				return nil, errors.New("no")
			}
			return bucketOf(t, dir), nil
		},
	}
	scopes := c.Scopes(nil, nil)
	if len(scopes) != 2 {
		t.Fatalf("scopes: %+v", scopes)
	}
	s, r := run(t, c, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if n := len(r.Of(envelope.TypeCostAccrued)); n != 200 || s.Completions != 1 {
		t.Errorf("%d lines, %d completions", n, s.Completions)
	}
	gaps := map[string]int{}
	for _, g := range s.Gaps {
		gaps[g.AccountID+" "+g.What]++
	}
	if d := cmp.Diff(map[string]int{"1 report bills/costs": 1, "1 report other": 1}, gaps); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
}

// A bucket gives the same as a folder.
func TestBucket(t *testing.T) {
	t.Parallel()
	b := curtest.Small()
	dir := t.TempDir()
	write(t, b.CUR2(dir, "2026-03-05T00:00:00.000Z-x", false))
	bucket := bucketOf(t, dir)
	defer func() { write(t, bucket.Close()) }()
	_, fromFolder := collect(t, cur.Files{Input: dir})
	s, fromBucket := collect(t, cur.Files{Bucket: bucket, Input: "bills/"})
	if d := cmp.Diff(ids(fromFolder), ids(fromBucket)); d != "" || !s.Bills[0].Complete {
		t.Errorf("%+v (-folder +bucket):\n%s", s.Bills, d)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "polo-cur-*"))
	if write(t, err); len(left) > 0 {
		t.Errorf("copies are left: %v", left)
	}
}

// The emitter's error ends the collection, and nothing is completed.
func TestEmitterFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, curtest.Small().CUR1(dir, assembly))
	broken := &failing{after: 1}
	_, err := cur.Files{Input: dir, ObservedAt: observed}.Collect(t.Context(), broken)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	if slices.ContainsFunc(broken.Events, func(e envelope.ResourceEvent) bool { return e.EventType == envelope.TypeScanCompleted }) {
		t.Error("completed")
	}
}

// failing is an emitter that fails after some calls.
type failing struct {
	emittertest.Recorder
	after int
}

func (f *failing) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	if f.after--; f.after < 0 {
		return io.ErrClosedPipe
	}
	return f.Recorder.Emit(ctx, events...)
}
