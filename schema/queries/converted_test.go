package queries_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/schema/queries"
)

// A day is converted by its rate or the last before it, while that holds; what has no rate is told and in no sum.
func TestConverted(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	var rows []row
	for i, c := range [][4]string{
		{"aws", "2026-03-31", "EUR", "10"},                                          // before any rate
		{"aws", "2026-04-01", "EUR", "0.00000000000000000000000000000000000004"},    // times 1.25: its last digit
		{"aws", "2026-04-09", "EUR", "100"},                                         // the last rate before it
		{"aws", "2026-04-10", "EUR", "-3.1"},                                        // a rate of its own
		{"aws", "2026-04-12", "EUR", "1000"},                                        // what was set for the 11th was taken back
		{"github", "2026-04-12", "USD", "99999999999999999999999999999999999.0001"}, // nothing to convert
		{"datadog", "2026-04-12", "GBP", "7"},                                       // no rate
		{"aws", "2026-05-15", "EUR", "5"},                                           // 35 days after the last rate
	} {
		rows = append(rows, row{
			"event_id": fmt.Sprintf("00000000-0000-0000-0000-%012d", i), "event_type": "cost.accrued", "source": c[0] + ".billing", "platform": c[0], "ts": c[1] + " 00:00:00",
			"period_end": c[1] + " 01:00:00", "observed_at": c[1] + " 02:00:00", "account_id": "1", "service": "x", "currency": c[2], "cost_amount": c[3],
		})
	}
	s.insert(t, rows)
	if err := s.connect(t, s.Users.Migrator).Exec(t.Context(), `INSERT INTO fx_rates (currency, target, day, rate, observed_at) VALUES ('EUR', 'USD', '2026-04-01', 1.25, '2026-05-01'),
		('EUR', 'USD', '2026-04-10', 9, '2026-05-01'), ('EUR', 'USD', '2026-04-10', 1.000000000000000001, '2026-05-02'), ('EUR', 'USD', '2026-04-11', 2, '2026-05-01'),
		('EUR', 'USD', '2026-04-11', 0, '2026-05-02'), ('EUR', 'CHF', '2026-01-01', 5, '2026-05-01')`); err != nil {
		t.Fatal(err)
	}
	show := func(values map[string]string) []string {
		a := answer(t, conn, now, "cost_converted", values)
		var out []string
		for _, r := range a.Rows {
			line := ""
			for i, c := range a.Query.Columns {
				switch c.Name {
				case "month", "platform", "currency", "cost", "converted", "unconverted":
					line += " " + queries.Text(r[i])
				}
			}
			out = append(out, line[1:])
		}
		return out
	}
	want := []string{
		"2026-05-01 aws EUR 5 5.000000000000000005 0",
		"2026-04-01 github USD 99999999999999999999999999999999999.0001 99999999999999999999999999999999999.0001 0",
		"2026-04-01 aws EUR 1096.90000000000000000000000000000000000004 1121.90000000000000099690000000000000000005 0",
		"2026-04-01 datadog GBP 7  7",
		"2026-03-01 aws EUR 10  10",
	}
	if diff := cmp.Diff(want, show(nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want[0] = "2026-05-01 aws EUR 5  5"
	if diff := cmp.Diff(want, show(map[string]string{"holds": "35"})); diff != "" {
		t.Errorf("rates that hold 35 days (-want +got):\n%s", diff)
	}
}
