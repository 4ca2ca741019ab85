package queries_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/schema/queries"
)

// A line is spread over its days to the last digit, also where the period that is asked for has only a part of it.
func TestSpread(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	var rows []row
	for i, c := range []struct{ from, to, service, cost string }{
		{"2026-04-01 00:00:00", "2026-05-01 00:00:00", "fee", "100"},
		{"2026-04-02 00:00:00", "2026-04-03 00:00:00", "usage", "1.5"},   // a day is not spread
		{"2026-04-03 12:00:00", "2026-04-05 06:00:00", "fee", "-1"},      // three days, of which two are parts
		{"2026-04-29 00:00:00", "2026-04-29 01:00:00", "usage", "2"},     // nor is an hour
		{"2020-01-01 00:00:00", "2027-01-01 00:00:00", "perpetual", "9"}, // nor seven years
	} {
		rows = append(rows, row{
			"event_id": fmt.Sprintf("00000000-0000-0000-0000-%012d", i), "event_type": "cost.accrued", "source": "x.billing", "platform": "x", "ts": c.from,
			"period_end": c.to, "observed_at": "2026-06-01 02:00:00", "account_id": "1", "service": c.service, "currency": "USD", "cost_amount": c.cost,
		})
	}
	// A month that a later scan of its days no longer has.
	rows = append(rows, row{
		"event_id": "00000000-0000-0000-0000-000000000100", "event_type": "cost.accrued", "source": "y.billing", "platform": "y", "ts": "2026-04-01 00:00:00",
		"period_end": "2026-05-01 00:00:00", "observed_at": "2026-06-01 02:00:00", "account_id": "2", "service": "fee", "currency": "USD", "cost_amount": "500",
	}, row{
		"event_id": "00000000-0000-0000-0000-000000000101", "event_type": "scan.completed", "source": "y.billing", "platform": "y", "ts": "2026-04-01 00:00:00",
		"period_end": "2026-05-01 00:00:00", "observed_at": "2026-06-01 03:00:00", "account_id": "2", "properties": map[string]string{"events": "0"},
	})
	s.insert(t, rows)
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	show := func(values map[string]string) []string {
		a := answer(t, conn, now, "cost_spread", values)
		start, value, cost, spread, lines := column(a, "start"), column(a, "value"), column(a, "cost"), column(a, "spread"), column(a, "lines")
		var out []string
		for i := range a.Rows {
			out = append(out, start[i]+" "+value[i]+" "+cost[i]+" "+spread[i]+" of "+lines[i])
		}
		return out
	}
	third := "3.33333333333333333333333333333333333333"
	for name, c := range map[string]struct {
		values map[string]string
		want   []string
	}{
		"all of it": {map[string]string{"from": "2026-04-01", "until": "2026-05-01", "step": "month"}, []string{"2026-04-01 fee 99 99 of 2", "2026-04-01 usage 3.5 0 of 2"}},
		// A line counts once in each of its weeks, also where the period begins within one.
		"its weeks": {map[string]string{"from": "2026-04-08", "until": "2026-04-22", "step": "week"}, []string{
			"2026-04-06 fee 16.66666666666666666666666666666666666665 16.66666666666666666666666666666666666665 of 1", "2026-04-13 fee 23.33333333333333333333333333333333333331 23.33333333333333333333333333333333333331 of 1",
			"2026-04-20 fee 6.66666666666666666666666666666666666666 6.66666666666666666666666666666666666666 of 1",
		}},
		"its beginning": {map[string]string{"from": "2026-04-01", "until": "2026-04-05"}, []string{
			"2026-04-01 fee " + third + " " + third + " of 1", "2026-04-02 fee " + third + " " + third + " of 1", "2026-04-02 usage 1.5 0 of 1", "2026-04-03 fee 3 3 of 2", "2026-04-04 fee 3 3 of 2",
		}},
		"its end": {map[string]string{"from": "2026-04-29", "until": "2026-05-03"}, []string{
			"2026-04-29 fee " + third + " " + third + " of 1", "2026-04-29 usage 2 0 of 1", "2026-04-30 fee 3.33333333333333333333333333333333333343 3.33333333333333333333333333333333333343 of 1",
		}},
		"before it": {map[string]string{"from": "2020-01-01", "until": "2020-01-03"}, []string{"2020-01-01 perpetual 9 0 of 1"}},
	} {
		if diff := cmp.Diff(c.want, show(c.values)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := queries.Named("cost_spread"); err != nil {
		t.Fatal(err)
	}
}
