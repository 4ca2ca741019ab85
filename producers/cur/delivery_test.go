package cur_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"polo/producers/emittertest"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

// write fails the test if writing failed.
func write(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ids returns the event ids of the lines, with their costs.
func ids(r *emittertest.Recorder) map[string]string {
	all := map[string]string{}
	for _, e := range r.Of(envelope.TypeCostAccrued) {
		all[e.EventID.String()] = e.CostAmount.Decimal.String()
	}
	return all
}

// completions returns the completed bills.
func completions(r *emittertest.Recorder) []string {
	var all []string
	for _, e := range r.Of(envelope.TypeScanCompleted) {
		all = append(all, e.AccountID+" "+e.TS.Format(time.DateOnly)+" "+e.PeriodEnd.Format(time.DateOnly))
	}
	return all
}

func wantSum(t *testing.T, s cur.Summary, period, currency string, want decimal.Decimal) {
	t.Helper()
	for _, sum := range s.Sums {
		if sum.BillingPeriod == period && sum.Currency == currency {
			if !sum.Cost.Equal(want) {
				t.Errorf("%s in %s: sum %s, want %s", period, currency, sum.Cost, want)
			}
			return
		}
	}
	t.Errorf("no sum of %s in %s: %+v", period, currency, s.Sums)
}

// Every form of a bill gives all its lines, the exact sum and a completion. A second reading
// gives the same; no id occurs twice.
func TestForms(t *testing.T) {
	t.Parallel()
	b := curtest.Small()
	for _, tc := range []struct {
		name string
		make func(dir string) error
	}{
		{"CUR 1", func(dir string) error { return b.CUR1(dir, "861af42f-713c-4a42-9562-9158a7625630") }},
		{"CUR 2.0", func(dir string) error { return b.CUR2(dir, "2026-02-05T04:41:01.041Z-6b622448", false) }},
		{"CUR 2.0 without line ids", func(dir string) error { return b.CUR2(dir, "2026-02-05T04:41:01.041Z-6b622448", true) }},
		{"FOCUS", func(dir string) error {
			var buf bytes.Buffer
			if err := b.FOCUS(&buf); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "focus.csv"), buf.Bytes(), 0o600)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, tc.make(dir))
			s, r := collect(t, cur.Files{Input: dir})
			if s.Lines != int64(b.Count()) || s.Events != s.Lines || len(s.Rejected)+len(s.Unread) > 0 {
				t.Errorf("of %d lines: %+v", b.Count(), s)
			}
			wantSum(t, s, "2026-02-01", "USD", b.Total())
			var sum decimal.Decimal
			for _, e := range r.Of(envelope.TypeCostAccrued) {
				sum = sum.Add(e.CostAmount.Decimal)
			}
			if !sum.Equal(b.Total()) {
				t.Errorf("the events sum to %s, the bill to %s", sum, b.Total())
			}
			if d := cmp.Diff([]string{"012345678901 2026-02-01 2026-03-01"}, completions(r)); d != "" {
				t.Errorf("completed (-want +got):\n%s", d)
			}
			_, again := collect(t, cur.Files{Input: dir, ObservedAt: observed.Add(time.Hour)})
			if d := cmp.Diff(ids(r), ids(again)); d != "" {
				t.Errorf("read again (-first +second):\n%s", d)
			}
		})
	}
}

// All lines are flushed to the queue before the completion is published.
func TestCompletionFollowsFlush(t *testing.T) {
	t.Parallel()
	b := curtest.Small()
	dir := t.TempDir()
	write(t, b.CUR1(dir, "a"))
	_, r := collect(t, cur.Files{Input: dir})
	if len(r.Flushed) == 0 || r.Flushed[0] != b.Count() {
		t.Errorf("flushed after %v events, want first after the %d lines", r.Flushed, b.Count())
	}
}

// A later delivery shares no id with the earlier, whether it overwrites it or lies beside it. Of
// two, only the later is read.
func TestRestated(t *testing.T) {
	t.Parallel()
	first := curtest.Small()
	second := first
	second.Lines += 10
	second.Change = func(i int, l *curtest.Line) bool {
		if i%7 == 0 {
			l.Cost = l.Cost.Add(decimal.New(5, -1))
			l.Exponent = false
		}
		return i%11 != 0
	}
	for _, tc := range []struct {
		name string
		make func(b curtest.Bill, dir, id string) error
		ids  [2]string
	}{
		{"CUR 1, an id without a time", curtest.Bill.CUR1, [2]string{"f61af42f-713c-4a42-9562-9158a7625630", "061af42f-713c-4a42-9562-9158a7625630"}},
		{"CUR 1, overwritten", curtest.Bill.CUR1, [2]string{"same", "same"}},
		{
			"CUR 2.0", func(b curtest.Bill, dir, id string) error { return b.CUR2(dir, id, false) },
			[2]string{"2026-03-01T23:00:00.000Z-f", "2026-03-02T01:00:00.000Z-a"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, tc.make(first, dir, tc.ids[0]))
			_, before := collect(t, cur.Files{Input: dir})
			write(t, tc.make(second, dir, tc.ids[1]))
			s, after := collect(t, cur.Files{Input: dir, ObservedAt: observed.Add(24 * time.Hour)})
			if s.Lines != int64(second.Count()) {
				t.Errorf("%d lines, want %d", s.Lines, second.Count())
			}
			wantSum(t, s, "2026-02-01", "USD", second.Total())
			old, now := ids(before), ids(after)
			for id := range now {
				if _, ok := old[id]; ok {
					t.Fatalf("%s is in both deliveries", id)
				}
			}
			if len(completions(after)) != 1 {
				t.Errorf("completed: %v", completions(after))
			}
		})
	}
}
