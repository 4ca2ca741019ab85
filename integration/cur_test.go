package integration_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

// firstDelivery is when the tests first read a bill.
var firstDelivery = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// publishBills reads bills and publishes their lines.
func publishBills(t *testing.T, b *backend, f cur.Files) cur.Summary {
	t.Helper()
	p, err := producers.NewPublisher(producers.PublisherConfig{Source: cur.Source, Queue: b.queue, DeadLetter: b.dlq})
	if err != nil {
		t.Fatal(err)
	}
	f.Identity = producers.DefaultIdentity()
	s, err := f.Collect(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

// text runs a query that returns one text.
func (b *backend) text(t *testing.T, query string) string {
	t.Helper()
	var s string
	if err := b.connect(t, b.users.Reader).QueryRow(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// wantRejected empties the dead-letter queue and checks the collector's letters. Unlike
// the consumer's, they name no message.
func (b *backend) wantRejected(t *testing.T, want ...queue.Reason) {
	t.Helper()
	got, err := b.dlq.Receive(t.Context(), 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []queue.Reason
	for _, m := range got {
		f, err := queue.ParseFailure(m)
		if err != nil {
			t.Fatal(err)
		}
		if f.Err == "" || f.Origin == "" || len(f.Body) == 0 || f.Unit != queue.UnitPart {
			t.Errorf("a rejection does not explain itself: %+v", f)
		}
		reasons = append(reasons, f.Reason)
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

// TestBillParquet ingests the real CUR of a month twice: every line counts once, and the
// sum is the file's to the last digit.
func TestBillParquet(t *testing.T) {
	dir := realData(t, "cost/cur_parquet_wal")
	b := embedded(t)
	for _, at := range []time.Time{firstDelivery, firstDelivery.Add(24 * time.Hour)} {
		s := publishBills(t, b, cur.Files{Input: dir, ObservedAt: at})
		b.drain(t, largeBatch, nil)
		if len(s.Sums) != 1 || len(s.Bills) != 1 || !s.Bills[0].Complete {
			t.Fatalf("read %+v", s)
		}
		want := s.Sums[0].Cost.String()
		if got := b.text(t, "SELECT toString(sum(cost_amount)) FROM cost_hourly"); got != want {
			t.Errorf("cost_hourly sums to %s, the file to %s", got, want)
		}
		if got := b.text(t, "SELECT toString(sum(cost)) FROM cost_rollup_daily"); got != want {
			t.Errorf("cost_rollup_daily sums to %s, the file to %s", got, want)
		}
		if got := b.count(t, "SELECT count() FROM cost_hourly WHERE NOT gone"); got != s.Lines {
			t.Errorf("%d lines in cost_hourly, %d in the file", got, s.Lines)
		}
		b.wantDeadLetters(t, map[queue.Reason]int{})
	}
	// One service ends on the 27th. Fees for reserved instances, 152.30 on the 1st, are none, nor are a day of Config for 2.08, and instances
	// that go on the 4th, when nothing is known yet.
	const anomalies = "SELECT arrayStringConcat(groupArray(concat(grain, ' ', account_id, ' ', service, ' ', kind, ' ', toString(first_day), ' ', toString(last_day), ' ', toString(cost), ' ', toString(round(expected, 2)))), ', ') FROM cost_anomalies_found"
	if got, want := b.text(t, anomalies), "service 836060457634 quicksight vanished 2018-12-28 2018-12-31 0 6.19"; got != want {
		t.Errorf("anomalies of December: %s, not %s", got, want)
	}
}

// TestBillRestated ingests a bill, the same again, and then a restated one: amounts
// changed, lines added and removed. After each, the bill counts as in the latest delivery.
// A damaged delivery makes nothing of the one before it vanish.
func TestBillRestated(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(b curtest.Bill, dir, id string) error
	}{
		{"CUR 1", curtest.Bill.CUR1},
		{"CUR 2.0 without line ids", func(b curtest.Bill, dir, id string) error { return b.CUR2(dir, id, true) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, dir := embedded(t), t.TempDir()
			first := curtest.Small()
			second := first
			second.Lines += 20
			second.Change = func(i int, l *curtest.Line) bool {
				if i%5 == 0 {
					l.Cost, l.Exponent = l.Cost.Mul(decimal.New(3, 0)), false
				}
				return i%9 != 0
			}
			deliver := func(bill curtest.Bill, id string) {
				t.Helper()
				if err := tc.make(bill, dir, id); err != nil {
					t.Fatal(err)
				}
			}
			load := func(day int) cur.Summary {
				t.Helper()
				s := publishBills(t, b, cur.Files{Input: dir, ObservedAt: firstDelivery.AddDate(0, 0, day)})
				b.drain(t, largeBatch, nil)
				return s
			}
			want := func(when string, bill curtest.Bill, gone int64) {
				t.Helper()
				total := bill.Total().String()
				for _, query := range []string{"SELECT toString(sum(cost_amount)) FROM cost_hourly", "SELECT toString(sum(cost)) FROM cost_rollup_daily"} {
					if got := b.text(t, query); got != total {
						t.Errorf("%s: %s says %s, the bill %s", when, query, got, total)
					}
				}
				if got := b.count(t, "SELECT count() FROM cost_hourly WHERE NOT gone"); got != int64(bill.Count()) {
					t.Errorf("%s: %d lines, the bill has %d", when, got, bill.Count())
				}
				if got := b.count(t, "SELECT count() FROM cost_hourly WHERE gone"); got != gone {
					t.Errorf("%s: %d lines are gone, want %d", when, got, gone)
				}
			}
			deliver(first, "2026-03-02T00:00:00.000Z-a")
			load(0)
			want("delivered", first, 0)
			load(1)
			want("delivered again", first, 0)
			deliver(second, "2026-03-04T00:00:00.000Z-b")
			load(2)
			superseded := int64(first.Count())
			want("restated", second, superseded)
			load(2)
			want("restated, and read again in one day", second, superseded)

			// A delivery with a missing file replaces no whole one.
			deliver(first, "2026-03-05T00:00:00.000Z-c")
			removed := 0
			err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
				if err == nil && strings.Contains(p, "T00:00:00.000Z-c") && strings.Contains(p, "2.") && !strings.Contains(p, "Manifest") && !d.IsDir() && removed == 0 {
					removed++
					return os.Remove(p)
				}
				return err
			})
			if err != nil || removed != 1 {
				t.Fatalf("removed %d files: %v", removed, err)
			}
			s := load(3)
			if s.Bills[0].Complete {
				t.Errorf("complete without one of its files: %+v", s)
			}
			b.wantRejected(t, queue.ReasonUnreadableFile)
			superseded += s.Events
			want("damaged", second, superseded)
			if got := b.text(t, "SELECT concat(what, ' ', reason) FROM coverage_gaps"); got != "bill 2026-02-01 invalid" {
				t.Errorf("gaps: %s", got)
			}
			deliver(first, "2026-03-06T00:00:00.000Z-d")
			load(4)
			want("delivered whole", first, superseded+int64(second.Count()))
			if got := b.count(t, "SELECT count() FROM coverage_gaps"); got != 0 {
				t.Errorf("%d gaps of a bill that is whole", got)
			}
		})
	}
}
