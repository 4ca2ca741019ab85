package schema_test

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"polo/schema"
)

// liveSQL defines views that compute costs from all lines at each question.
//
//go:embed testdata/live.sql
var liveSQL string

// live pairs each view over stored rollups with the query that must give the same.
var live = []struct{ name, stored, want string }{
	{"rollup", "SELECT * FROM cost_rollup_daily", "SELECT * FROM live_cost_rollup_daily"},
	{"lines", "SELECT * FROM cost_hourly", "SELECT * FROM live_cost_hourly"},
	{"deliveries", "SELECT * FROM bill_deliveries", "SELECT * FROM live_bill_deliveries"},
	{"scanned days", "SELECT * FROM cost_scan_days", "SELECT * FROM live_cost_scan_days"},
	{
		"daily", "SELECT day, source, account_id, region, service, marqo_customer, currency, sum(cost), sum(lines), sum(estimated_lines), sum(partial_lines) FROM cost_daily GROUP BY ALL",
		"SELECT toDate32(ts), source, account_id, region, service, marqo_customer, currency, sum(ifNull(cost_amount, toDecimal256(0, 38))), count(), countIf(estimated), countIf(partial) FROM live_cost_added GROUP BY ALL",
	},
	{
		"by ARN", "SELECT day, arn, source, usage_type, currency, sum(cost), sum(usage_quantity), sum(lines), sum(estimated_lines), sum(partial_lines) FROM cost_daily_by_arn GROUP BY ALL",
		"SELECT toDate32(ts), arn, source, usage_type, currency, sum(ifNull(cost_amount, toDecimal256(0, 38))), sum(ifNull(usage_quantity, toDecimal256(0, 38))), count(), countIf(estimated), countIf(partial) FROM live_cost_added GROUP BY ALL",
	},
	{
		"by tag", "SELECT day, tag_key, tag_value, source, account_id, currency, sum(cost), sum(lines), sum(partial_lines) FROM cost_daily_by_tag GROUP BY ALL",
		"SELECT toDate32(ts), k, v, source, account_id, currency, sum(ifNull(cost_amount, toDecimal256(0, 38))), count(), countIf(partial) FROM live_cost_added ARRAY JOIN mapKeys(tags)::Array(String) AS k, mapValues(tags) AS v GROUP BY ALL",
	},
}

// rolling returns a store whose days are rolled up by rollUp alone, however recently they were, and whose state
// of costs is kept by keepState alone.
func rolling(t *testing.T) store {
	t.Helper()
	s := migrated(t)
	files := filesWith(t, "views/cost_rollups_due.sql", "last_made < toUnixTimestamp(now()) - 30", "last_made <= toUnixTimestamp(now())")
	if _, err := schema.NewFrom(s.connect(t), s.target(), files).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.Users.Migrator, "SYSTEM STOP VIEW cost_rollups_mv")
	s.must(t, s.Users.Migrator, "SYSTEM STOP VIEW cost_states_mv")
	for sql := range strings.SplitSeq(strings.TrimSpace(liveSQL), ";\n\n") {
		s.must(t, s.Users.Migrator, strings.TrimSuffix(sql, ";"))
	}
	return s
}

// rollUp does what one run of cost_rollups_mv does, for the days that where selects.
func (s store) rollUp(t *testing.T, where string) answer {
	t.Helper()
	return s.query(t, s.Users.Migrator, "INSERT INTO cost_rollups SELECT * FROM cost_rollups_due WHERE "+where+
		" SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0", "")
}

func (s store) mustRollUp(t *testing.T, where string) {
	t.Helper()
	if a := s.rollUp(t, where); a.code != http.StatusOK {
		t.Fatalf("rolling up: status %d: %s", a.code, a.body)
	}
}

// keepState does what one run of cost_states_mv does.
func (s store) keepState(t *testing.T) {
	t.Helper()
	query := s.must(t, s.Users.Migrator, "SELECT as_select FROM system.tables WHERE name = 'cost_states_mv' FORMAT TSVRaw")
	s.must(t, s.Users.Migrator, "INSERT INTO cost_states "+query)
}

// keepsState reports whether a state is kept that holds. A merge may outdate one.
func (s store) keepsState(t *testing.T) bool {
	t.Helper()
	for range 20 {
		s.keepState(t)
		if s.must(t, s.Users.Reader, "SELECT count() FROM cost_states WHERE stamp = (SELECT stamp FROM cost_stamp)") != "0" {
			return true
		}
	}
	return false
}

// asLive compares the stored with the live, in some of the views or all.
func (s store) asLive(t *testing.T, when string, only ...int) {
	t.Helper()
	for i, c := range live {
		if only != nil && !slices.Contains(only, i) {
			continue
		}
		want := s.lines(t, s.Users.Reader, c.want+" FORMAT TSV")
		if diff := difference(want, s.lines(t, s.Users.Reader, c.stored+" FORMAT TSV")); diff != "" {
			t.Fatalf("%s, %s (-live +stored):\n%s", when, c.name, diff)
		}
	}
}

// seeds returns how many random worlds to try: POLO_SEEDS, or n.
func seeds(t *testing.T, n int) int {
	t.Helper()
	if text := os.Getenv("POLO_SEEDS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("POLO_SEEDS: %v", err)
		}
	}
	return n
}

// What is stored answers as the live definitions do after every insert, whatever has been rolled up
// of what, in whatever order statements come, and however parts were merged.
func TestRollupsEqualLive(t *testing.T) {
	t.Parallel()
	for seed := range seeds(t, 1) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := rolling(t)
			w, r := newWorld(uint64(100+seed)), rand.New(rand.NewPCG(uint64(seed), 3))
			used := 0
			for i, rows := range w.deliveries(r) {
				rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool {
					kind := r["event_type"].(string)
					return !strings.HasPrefix(kind, "cost.") && !strings.HasPrefix(kind, "scan.")
				})
				if len(rows) == 0 {
					continue
				}
				s.insert(t, rows...)
				switch r.IntN(6) {
				case 0, 1:
					s.mustRollUp(t, "true")
				case 2: // half a run: of some of the days, as a kill leaves it
					s.mustRollUp(t, "toDayOfMonth(day) % 2 = "+strconv.Itoa(i%2))
				case 3: // two at once
					done := make(chan answer)
					go func() { done <- s.rollUp(t, "true") }()
					s.mustRollUp(t, "true")
					if a := <-done; a.code != http.StatusOK {
						t.Fatal(a.body)
					}
				case 4:
					s.must(t, s.Users.Migrator, "OPTIMIZE TABLE cost_lines FINAL")
				}
				if r.IntN(2) == 0 {
					s.keepState(t)
				}
				if r.IntN(4) == 0 { // a scan alone, or nothing, comes after the state was kept
					s.insert(t, rows[r.IntN(len(rows))])
				}
				s.asLive(t, fmt.Sprint("after batch ", i), 0, 1+r.IntN(len(live)-1))
				if s.must(t, s.Users.Reader, "SELECT count() FROM cost_days WHERE generation > 0") != "0" {
					used++
				}
			}
			if used < 5 {
				t.Errorf("only %d answers used a rollup", used)
			}
			s.mustRollUp(t, "true")
			s.mustRollUp(t, "true")
			if got := s.must(t, s.Users.Reader, "SELECT count() FROM cost_days WHERE generation = 0"); got != "0" {
				t.Errorf("%s days are not rolled up at rest", got)
			}
			if !s.keepsState(t) {
				t.Error("the state is not kept at rest")
			}
			s.asLive(t, "rolled up")
			s.must(t, s.Users.Migrator, "OPTIMIZE TABLE cost_lines FINAL")
			s.must(t, s.Users.Migrator, "OPTIMIZE TABLE cost_rollups FINAL")
			s.asLive(t, "merged")
		})
	}
}

// A state that was kept holds no longer when a scan ends, though no line comes with it.
func TestScanOutdatesKeptState(t *testing.T) {
	t.Parallel()
	s := rolling(t)
	w, r := newWorld(100), rand.New(rand.NewPCG(1, 3))
	var lines, scans []row
	for _, rows := range w.deliveries(r) {
		for _, r := range rows {
			switch kind := r["event_type"].(string); {
			case strings.HasPrefix(kind, "cost."):
				lines = append(lines, r)
			case strings.HasPrefix(kind, "scan."):
				scans = append(scans, r)
			}
		}
	}
	s.insert(t, lines...)
	s.mustRollUp(t, "true")
	s.keepState(t)
	before := s.lines(t, s.Users.Reader, live[0].stored)
	s.insert(t, scans...)
	s.asLive(t, "after the scans", 0)
	if difference(before, s.lines(t, s.Users.Reader, live[0].stored)) == "" {
		t.Error("the scans change nothing")
	}
}

// What a bill says of a payer's day and what Cost Explorer says of it are the same money: the bill's counts.
func TestOneSourceOfTheSameMoney(t *testing.T) {
	t.Parallel()
	s := rolling(t)
	explored := func(account, at, amount string) row {
		return line(account, "all", at, day(9, 0), amount).with("source", "aws.cost_explorer")
	}
	check := func(when, want string) {
		t.Helper()
		for _, view := range []string{"cost_daily", "cost_daily_by_arn"} {
			if got := s.must(t, s.Users.Reader, "SELECT arrayStringConcat(groupArray(concat(account, ':', cost)), ' ') FROM (SELECT account_id AS account, toString(sum(cost)) AS cost FROM "+view+" GROUP BY account ORDER BY account)"); got != want {
				t.Errorf("%s, %s: %s, want %s", when, view, got, want)
			}
		}
	}
	s.insert(t, explored("5", day(3, 0), "11"), explored("5", day(4, 0), "7"), explored("6", day(3, 0), "5"))
	check("without a bill", "5:18 6:5")
	s.insert(t, delivered("5", "d", "a", day(9, 0), "10"))
	check("beside a bill", "5:17 6:5")
	s.mustRollUp(t, "true")
	check("rolled up", "5:17 6:5")
	s.insert(t, ended("scan.completed", "5", "d", day(9, 0), 1))
	s.keepState(t)
	check("kept", "5:17 6:5")
	s.insert(t, explored("5", day(3, 0), "12").with("observed_at", day(9, 1)))
	check("restated", "5:17 6:5")
}
