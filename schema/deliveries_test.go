package schema_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// delivered is a line of account's bill for January in a delivery.
func delivered(account, delivery, id, observed, amount string) row {
	return line(account, delivery+id, day(3, 0), observed, amount).with("properties", map[string]string{"billing_period": "2026-01-01", "delivery": delivery})
}

// ended is the end of a delivery of account's bill for January: scan.completed or scan.incomplete.
func ended(kind, account, delivery, observed string, events int) row {
	return row{
		"event_id":   uuid.NewSHA1(uuid.NameSpaceURL, []byte(account+delivery)).String(),
		"event_type": kind, "source": "aws.cur", "account_id": account, "ts": day(1, 0), "period_end": "2026-02-01 00:00:00.000", "observed_at": observed,
		"properties": map[string]string{"delivery": delivery, "events": strconv.Itoa(events)}, "state": map[string]string{"scan.incomplete": "invalid"}[kind],
	}
}

// of is r in the report of a member of the organisation.
func (r row) of(member string) row {
	properties := map[string]string{"report_account": member}
	for k, v := range r["properties"].(map[string]string) {
		properties[k] = v
	}
	return r.with("properties", properties)
}

// One delivery of a bill counts: the latest whole one, else the latest partial one. A completion
// counts once all its lines have arrived.
func TestBillDeliveries(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const whole, partial = "scan.completed", "scan.incomplete"
	at := func(n int) string { return "2026-02-0" + strconv.Itoa(n) + " 06:00:00.000" }
	for i, c := range []struct {
		name string
		rows func(a string) []row
		want string // the sum, lines that count, lines gone, partial lines
		gap  string
	}{
		{"one", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "1"), ended(whole, a, "d1", at(1), 1)}
		}, "1 1 0 0", ""},
		{"its lines are on the way", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "1"), ended(whole, a, "d1", at(1), 2)}
		}, "1 1 0 1", "arriving"},
		{"its end is on the way", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "1")}
		}, "1 1 0 1", "arriving"},
		{"a later one is whole", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(1), "1"), ended(whole, a, "d1", at(1), 1),
				delivered(a, "d2", "x", at(2), "2"), delivered(a, "d2", "y", at(2), "3"), ended(whole, a, "d2", at(2), 2),
			}
		}, "5 2 1 0", ""},
		{"a later one has not all arrived", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(1), "1"), ended(whole, a, "d1", at(1), 1),
				delivered(a, "d2", "x", at(2), "2"), ended(whole, a, "d2", at(2), 2),
			}
		}, "1 1 1 0", "arriving"},
		{"a later one is partial", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(1), "1"), ended(whole, a, "d1", at(1), 1),
				delivered(a, "d2", "x", at(2), "2"), ended(partial, a, "d2", at(2), 1),
			}
		}, "1 1 1 0", "invalid"},
		{"two partial ones", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(1), "1"), ended(partial, a, "d1", at(1), 1),
				delivered(a, "d2", "x", at(2), "2"), ended(partial, a, "d2", at(2), 1),
			}
		}, "2 1 1 1", "invalid"},
		{"a partial one, and one that arrives", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "1"), ended(partial, a, "d1", at(1), 1), delivered(a, "d2", "x", at(2), "2")}
		}, "1 1 1 1", "arriving"},
		{"a partial one without a line", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "1"), ended(partial, a, "d1", at(1), 1), ended(partial, a, "d2", at(2), 0)}
		}, "1 1 0 1", "invalid"},
		{"a whole one of nothing", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "1"), ended(whole, a, "d1", at(1), 1), ended(whole, a, "d2", at(2), 0)}
		}, "0 0 1 0", ""},
		{"partial, and whole when it was read again", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(1), "1"), ended(partial, a, "d1", at(1), 1),
				delivered(a, "d1", "x", at(2), "1"), delivered(a, "d1", "y", at(2), "1"), ended(whole, a, "d1", at(2), 2),
			}
		}, "2 2 0 0", ""},
		{"lines from before deliveries were told", func(a string) []row {
			return []row{line(a, "x", day(3, 0), at(1), "9"), billScan(a, day(1, 0), "2026-02-01 00:00:00.000", at(1)), delivered(a, "d1", "x", at(2), "1"), ended(partial, a, "d1", at(2), 1)}
		}, "1 1 1 1", "invalid"},
		{"reports of two members", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(1), "1").of("m1"), ended(whole, a, "d1", at(1), 1).of("m1"),
				delivered(a, "d2", "x", at(2), "2").of("m2"), ended(whole, a, "d2", at(2), 1).of("m2"),
			}
		}, "3 2 0 0", ""},
		{"the payer's report beside a member's", func(a string) []row {
			return []row{
				delivered(a, "d1", "x", at(2), "1").of("m1"), ended(whole, a, "d1", at(2), 1).of("m1"),
				delivered(a, "d2", "x", at(1), "3"), ended(whole, a, "d2", at(1), 1),
			}
		}, "3 1 1 0", ""},
		{"amounts of which a sum would wrap, apart", func(a string) []row {
			return []row{delivered(a, "d1", "x", at(1), "99999999999999999999999999999999999999"), ended(whole, a, "d1", at(1), 1)}
		}, "99999999999999999999999999999999999999 1 0 0", ""},
	} {
		account := fmt.Sprintf("%012d", i)
		rows := c.rows(account)
		rand.New(rand.NewPCG(uint64(i), 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		s.insert(t, rows...)
		s.insert(t, rows[:1+len(rows)/2]...)
		sql := "SELECT concat(toString(sum(cost_amount)), ' ', toString(countIf(NOT gone)), ' ', toString(countIf(gone)), ' ', toString(countIf(partial))) FROM cost_hourly WHERE payer_account_id = '" + account + "'"
		if got := s.must(t, s.Users.Reader, sql); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		sql = "SELECT concat(toString(sum(cost)), ' ', toString(sum(lines)), ' ', toString(sum(gone_lines)), ' ', toString(sum(partial_lines))) FROM cost_rollup_daily WHERE account_id = '" + account + "'"
		if got := s.must(t, s.Users.Reader, sql); got != c.want {
			t.Errorf("%s: the rollup: %s, want %s", c.name, got, c.want)
		}
		if got := s.must(t, s.Users.Reader, "SELECT arrayStringConcat(groupArray(reason), ' ') FROM coverage_gaps WHERE account_id = '"+account+"' AND what LIKE 'bill 2026-01-01%'"); got != c.gap {
			t.Errorf("%s: gap %q, want %q", c.name, got, c.gap)
		}
	}
}

// A sum beyond Decimal256 is an error.
func TestRollupDoesNotWrap(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	var rows []row
	for i := range 7 {
		rows = append(rows, line("1", fmt.Sprint("x", i), day(1, 0), day(2, 0), "99999999999999999999999999999999999999").with("arn", ""))
	}
	s.insert(t, rows...)
	if a := s.query(t, s.Users.Reader, "SELECT cost FROM cost_rollup_daily", ""); a.code == 200 {
		t.Errorf("the sum of seven amounts of almost 10^38 is %s", a.body)
	}
}

// A completion that arrives before its snapshots deletes nothing.
func TestCompletionsThatArriveEarly(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const snapshot = "resource.snapshot"
	told := func(r row, events int) row {
		return r.with("properties", map[string]string{"events": strconv.Itoa(events)})
	}
	current := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, "SELECT arn FROM resources_current")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	gaps := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, "SELECT concat(account_id, ' ', what, ' ', reason) FROM coverage_gaps")); diff != "" {
			t.Errorf("gaps (-want +got):\n%s", diff)
		}
	}
	s.insert(t, event("1", snapshot, "a", day(1, 0)), event("1", snapshot, "b", day(1, 0)), told(scan("1", day(1, 0)), 2))
	s.insert(t, told(scan("1", day(2, 0)), 1))
	current("a", "b")
	gaps("1 ec2:instance arriving")
	s.insert(t, event("1", snapshot, "a", day(2, 0)))
	current("a")
	gaps()
	// A scan of every region; snapshots of other scans do not count for it.
	bucket := func(r row) row {
		id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("bucket "+r["event_id"].(string))).String()
		return r.with("resource_type", "s3:bucket", "event_id", id)
	}
	s.insert(t, bucket(event("1", snapshot, "s", day(1, 0))), bucket(told(scan("1", day(2, 0)), 2)).with("region", "*"), bucket(event("1", snapshot, "u", day(2, 0))).with("region", "us"))
	current("a", "s", "u")
	gaps("1 s3:bucket arriving")
	s.insert(t, bucket(event("1", snapshot, "v", day(2, 0))))
	current("a", "u", "v")
	gaps()

	// Costs without deliveries.
	s.insert(t, line("1", "x", day(1, 0), day(3, 0), "1"), line("1", "y", day(1, 0), day(3, 0), "1"), told(billScan("1", day(1, 0), day(2, 0), day(3, 0)), 2))
	s.insert(t, told(billScan("1", day(1, 0), day(2, 0), day(4, 0)), 1))
	const costs = "SELECT concat(arn, ' ', toString(cost_amount)) FROM cost_hourly"
	if diff := cmp.Diff([]string{"arn:x 1", "arn:y 1"}, s.lines(t, s.Users.Reader, costs)); diff != "" {
		t.Errorf("costs before the line came (-want +got):\n%s", diff)
	}
	s.insert(t, line("1", "x", day(1, 0), day(4, 0), "5"))
	if diff := cmp.Diff([]string{"arn:x 5", "arn:y 0"}, s.lines(t, s.Users.Reader, costs)); diff != "" {
		t.Errorf("costs after it came (-want +got):\n%s", diff)
	}
}
