package queries_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A forecast is what the whole days cost and the average for the others, and never less than what is billed.
func TestForecast(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	var rows []row
	bill := func(day time.Time, cost string) {
		rows = append(rows, row{
			"event_id": fmt.Sprintf("00000000-0000-0000-0000-%012d", len(rows)), "event_type": "cost.accrued", "source": "x.billing", "platform": "x", "ts": clock(day),
			"period_end": clock(day.AddDate(0, 0, 1)), "observed_at": "2026-12-20 02:00:00", "account_id": "1", "service": "x", "currency": "USD", "cost_amount": cost,
		})
	}
	december := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	bill(december, "250") // a fee for the month
	for day := december.AddDate(0, -1, 0); day.Before(december.AddDate(0, 0, 19)); day = day.AddDate(0, 0, 1) {
		bill(day, "1")
	}
	s.insert(t, rows)
	for at, want := range map[string][]string{
		"2026-12-20": {"267 1 14 281 30"},
		"2026-12-01": {"0 1 31 269 30"}, // all that is known of it, the lag's days included
	} {
		a := answer(t, conn, december, "cost_forecast", map[string]string{"at": at, "by": "total"})
		var got []string
		for i := range a.Rows {
			got = append(got, column(a, "to_date")[i]+" "+column(a, "daily")[i]+" "+column(a, "days_left")[i]+" "+column(a, "forecast")[i]+" "+column(a, "last_month")[i])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
}
