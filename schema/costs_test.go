package schema_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// line is a line of account's bill for an hour, observed at a time.
func line(account, id, ts, observed, amount string) row {
	return row{
		"event_id":   uuid.NewSHA1(uuid.NameSpaceURL, []byte(account+id+ts)).String(),
		"event_type": "cost.accrued", "source": "aws.cur", "ts": ts, "observed_at": observed,
		"arn": "arn:" + id, "account_id": account, "region": "eu", "service": "ec2", "resource_type": "ec2:instance",
		"cost_amount": amount, "currency": "USD", "usage_quantity": "1", "usage_unit": "Hrs",
	}
}

// billScan is a completed scan of account's bill for [from, until).
func billScan(account, from, until, observed string) row {
	return row{
		"event_id":   uuid.NewSHA1(uuid.NameSpaceURL, []byte(account+from+until+observed)).String(),
		"event_type": "scan.completed", "source": "aws.cur", "account_id": account, "ts": from, "period_end": until, "observed_at": observed,
	}
}

func TestCostHourly(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const scanned, later = "2026-02-01 06:00:00.000", "2026-02-02 06:00:00.000"
	props := func(k, v string) map[string]string { return map[string]string{k: v} }
	for i, c := range []struct {
		name string
		rows func(account string) []row
		want []string // arn, amount, quantity, gone
	}{
		{"as stated", func(a string) []row {
			return []row{line(a, "x", day(1, 0), scanned, "0.00000000000000000000000000000000000001"), billScan(a, day(1, 0), day(2, 0), scanned)}
		}, []string{"arn:x\t0.00000000000000000000000000000000000001\t1\tfalse"}},
		{"restated, the older statement last", func(a string) []row {
			return []row{line(a, "x", day(1, 0), later, "-2"), line(a, "x", day(1, 0), scanned, "1")}
		}, []string{"arn:x\t-2\t1\tfalse"}},
		{"vanished", func(a string) []row {
			return []row{
				line(a, "x", day(1, 0), scanned, "1"), line(a, "y", day(1, 0), scanned, "1"), billScan(a, day(1, 0), day(3, 0), scanned),
				line(a, "y", day(1, 0), later, "1"), billScan(a, day(1, 0), day(3, 0), later),
			}
		}, []string{"arn:x\t0\t0\ttrue", "arn:y\t1\t1\tfalse"}},
		{"vanished and came back", func(a string) []row {
			return []row{
				line(a, "x", day(1, 0), scanned, "1"), billScan(a, day(1, 0), day(2, 0), later),
				line(a, "x", day(1, 0), "2026-02-03 00:00:00.000", "3"), billScan(a, day(1, 0), day(2, 0), "2026-02-03 00:00:00.000"),
			}
		}, []string{"arn:x\t3\t1\tfalse"}},
		{"the scan broke off", func(a string) []row {
			return []row{line(a, "x", day(1, 0), scanned, "1"), line(a, "y", day(1, 0), later, "1")}
		}, []string{"arn:x\t1\t1\tfalse", "arn:y\t1\t1\tfalse"}},
		{"scans of other days, accounts, sources and of resources", func(a string) []row {
			return []row{
				line(a, "x", day(2, 5), scanned, "1"),
				billScan(a, day(1, 0), day(2, 0), later), billScan(a, day(3, 0), day(4, 0), later),
				billScan(a+"9", day(1, 0), day(9, 0), later), billScan(a, day(1, 0), day(9, 0), later).with("source", "aws.cost_explorer"),
				scan(a, day(1, 0)).with("source", "aws.cur", "period_end", day(9, 0), "observed_at", later),
			}
		}, []string{"arn:x\t1\t1\tfalse"}},
		{"days that a scan covers in part", func(a string) []row {
			return []row{
				line(a, "x", day(1, 20), scanned, "1"), line(a, "y", day(2, 20), scanned, "1"), line(a, "z", day(3, 0), scanned, "1"),
				billScan(a, day(1, 12), day(3, 12), later),
			}
		}, []string{"arn:x\t1\t1\tfalse", "arn:y\t0\t0\ttrue", "arn:z\t1\t1\tfalse"}},
		{"covered by its billing period", func(a string) []row {
			return []row{
				line(a, "x", day(1, 0), scanned, "1").with("properties", props("billing_period", "2025-12-01")),
				line(a, "y", day(1, 0), scanned, "1").with("properties", props("billing_period", "nonsense")),
				billScan(a, "2025-12-01 00:00:00.000", "2026-01-01 00:00:00.000", later),
			}
		}, []string{"arn:x\t0\t0\ttrue", "arn:y\t1\t1\tfalse"}},
		{"covered by its payer", func(a string) []row {
			return []row{
				line(a, "x", day(1, 0), scanned, "1").with("properties", props("payer_account_id", a+"7")),
				line(a, "y", day(1, 0), scanned, "1").with("properties", props("payer_account_id", a+"8")),
				billScan(a, day(1, 0), day(2, 0), later).with("source", "aws.cur"), billScan(a+"8", day(1, 0), day(2, 0), later),
			}
		}, []string{"arn:x\t1\t1\tfalse", "arn:y\t0\t0\ttrue"}},
		{"restated as no cost", func(a string) []row {
			l := line(a, "x", day(1, 0), scanned, "1")
			return []row{l.with("event_type", "cost.withdrawn", "observed_at", later), l}
		}, nil},
		{"an old line of an old scan that comes late", func(a string) []row {
			return []row{billScan(a, day(1, 0), day(2, 0), later), line(a, "x", day(1, 0), scanned, "1"), billScan(a, day(1, 0), day(2, 0), scanned)}
		}, []string{"arn:x\t0\t0\ttrue"}},
	} {
		account := fmt.Sprintf("%012d", i)
		s.insert(t, c.rows(account)...)
		got := s.lines(t, s.Users.Reader, "SELECT arn, cost_amount, usage_quantity, gone FROM cost_hourly WHERE account_id = '"+account+"'")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCostRollupDaily(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const scanned, later = "2026-02-01 06:00:00.000", "2026-02-02 06:00:00.000"
	var rows []row
	for h := range 24 {
		rows = append(rows, line("1", "x", day(1, float64(h)), scanned, "0.1"))
	}
	rows = append(rows,
		line("1", "y", day(1, 0), scanned, "5").with("currency", "EUR"),
		line("1", "z", day(1, 0), scanned, "7").with("source", "aws.cost_explorer"),
		line("1", "x", day(2, 0), later, "0.3").with("properties", map[string]string{"estimated": "true"}),
		line("1", "gone", day(2, 0), scanned, "9"),
		line("2", "gone", day(2, 0), scanned, "9"),
		billScan("1", day(1, 0), day(3, 0), later), billScan("2", day(2, 0), day(3, 0), later),
	)
	for h := range 24 { // day 1 is read again, with an hour restated
		amount := "0.1"
		if h == 3 {
			amount = "0.2"
		}
		rows = append(rows, line("1", "x", day(1, float64(h)), later, amount))
	}
	rows = append(rows, line("1", "y", day(1, 0), later, "5").with("currency", "EUR"))
	s.insert(t, rows...)
	want := []string{
		"2026-01-01\taws.cost_explorer\t1\tUSD\t7\t1\t0\t0",
		"2026-01-01\taws.cur\t1\tEUR\t5\t1\t0\t0",
		"2026-01-01\taws.cur\t1\tUSD\t2.5\t24\t0\t0",
		"2026-01-02\taws.cur\t1\tUSD\t0.3\t1\t1\t1",
		"2026-01-02\taws.cur\t2\tUSD\t0\t0\t1\t0",
	}
	const query = "SELECT day, source, account_id, currency, cost, lines, gone_lines, estimated_lines FROM cost_rollup_daily"
	if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, query)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScanScopes(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	s.insert(t,
		event("1", "resource.snapshot", "x", day(1, 0)), scan("1", day(1, 0)), event("1", "resource.snapshot", "x", day(2, 0)),
		event("2", "resource.created", "x", day(3, 0)),
		scan("3", day(4, 0)),
		line("1", "x", day(5, 3), day(7, 0), "1"), billScan("1", day(4, 0), day(6, 0), day(7, 0)),
		line("2", "x", day(6, 0), day(7, 0), "1"),
	)
	want := []string{
		`["costs", "aws.cur", "1", "", "", "2026-01-07 00:00:00.000", "2026-01-05 03:00:00.000", "2026-01-04", "2026-01-06"]`,
		`["costs", "aws.cur", "2", "", "", null, "2026-01-06 00:00:00.000", null, null]`,
		`["resources", "", "1", "eu", "ec2:instance", "2026-01-01 00:00:00.000", "2026-01-02 00:00:00.000", "2026-01-01", "2026-01-02"]`,
		`["resources", "", "2", "eu", "ec2:instance", null, "2026-01-03 00:00:00.000", null, null]`,
		`["resources", "", "3", "eu", "ec2:instance", "2026-01-04 00:00:00.000", null, "2026-01-04", "2026-01-05"]`,
	}
	if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, "SELECT * FROM scan_scopes FORMAT JSONCompactEachRow")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
