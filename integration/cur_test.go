package integration_test

import (
	"testing"
	"time"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/cur"
)

// firstDelivery is when the tests read a bill for the first time.
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

// text runs a query that answers one text.
func (b *backend) text(t *testing.T, query string) string {
	t.Helper()
	var s string
	if err := b.connect(t, b.users.Reader).QueryRow(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// TestBillParquet brings the real CUR of a month in, twice: every line counts once, and
// the sum is the file's to the last digit.
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
}
