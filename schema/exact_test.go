package schema_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
)

// world generates events as clouds would. Each has one or more statements, of which the last is the
// truth.
type world struct {
	*rand.Rand
	statements [][]row // per event, in the order observed
}

func newWorld(seed uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1))}
	for n := range 8 {
		w.scanResources(n + 1)
		w.scanCosts(n + 1)
		w.deliver(n + 1)
	}
	for range 150 {
		w.activity()
	}
	for n := range 12 {
		w.add(event(fmt.Sprint(1+n%3), "account.described", "", day(1+n, 1)).with("resource_name", fmt.Sprint("account", n), "account_role", w.pick("", "dev")))
	}
	return w
}

func (w *world) pick(s ...string) string { return s[w.IntN(len(s))] }

// add adds the event with its true statement, and up to two false ones before it.
func (w *world) add(r row) {
	observed, err := time.Parse("2006-01-02 15:04:05.000", r["observed_at"].(string))
	if err != nil {
		panic(err)
	}
	truth := w.stated(r, observed)
	if w.IntN(12) == 0 { // a restatement as something else is the truth
		truth = w.stated(w.falsified(r), observed)
	}
	var list []row
	for i := 2; i > 0; i-- {
		if w.IntN(3) == 0 {
			list = append(list, w.stated(w.falsified(r), observed.Add(-time.Duration(i)*time.Hour)))
		}
	}
	w.statements = append(w.statements, append(list, truth))
}

func (w *world) stated(r row, observed time.Time) row {
	r = r.with("observed_at", observed.Format("2006-01-02 15:04:05.000"))
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return r.with("version", envelope.RowVersion(observed, text))
}

// falsified returns r with changes in some fields that a restatement may change.
func (w *world) falsified(r row) row {
	family, _, _ := strings.Cut(r["event_type"].(string), ".")
	changes := [][]any{
		{"event_type", map[string]string{
			"activity": "activity.service_event", "resource": "resource.deleted", "cost": "cost.withdrawn",
			"account": "account.left", "scan": "scan.aborted",
		}[family]},
		{"arn", "arn:false"},
		{"account_id", "1"},
		{"account_id", "3"},
		{"region", "us"},
		{"resource_type", "s3:bucket"},
		{"state", "false"},
		{"error_code", "Denied"},
		{"account_role", "false"},
		{"resource_name", "false"},
		{"marqo_customer", "false"},
		{"tags", map[string]string{"false": "1"}},
		{"properties", map[string]string{"billing_period": "2026-01-01", "usage_type": "false"}},
		{"ancestors", []string{"arn:false", "arn:vpc"}},
		{"relations.type", []string{"in", "in"}, "relations.target_arn", []string{"arn:false", "arn:a"}},
	}
	if family == "cost" {
		changes = append(changes, []any{"cost_amount", "1000"}, []any{"currency", "EUR"}, []any{"usage_quantity", "77"}, []any{"cost_amount", "-3"})
	}
	if family == "scan" {
		changes = append(changes, []any{"period_end", day(20, 0)})
	}
	if w.IntN(4) == 0 {
		r = r.with(changes[0]...)
	}
	for range 1 + w.IntN(3) {
		r = r.with(changes[w.IntN(len(changes))]...)
	}
	return r
}

// scanResources lists a day's instances; some scans are interrupted.
func (w *world) scanResources(n int) {
	for _, account := range []string{"1", "2"} {
		whole := w.IntN(4) > 0
		for i := range 6 {
			if w.IntN(3) > 0 {
				w.add(event(account, "resource.snapshot", fmt.Sprint("arn:", account, ":", i), day(n, 2)).with(
					"state", w.pick("running", "stopped"), "ancestors", []string{w.pick("arn:subnet1", "arn:subnet2"), "arn:vpc"},
					"tags", map[string]string{"n": fmt.Sprint(n)}))
			}
		}
		if whole {
			// Some scans count more snapshots than there are.
			w.add(scan(account, day(n, 2)).with("properties", map[string]string{"events": strconv.Itoa(w.IntN(5))}))
		}
		for _, kind := range []string{"ec2:volume", "rds:db", w.pick("ec2:instance", "iam:role")} {
			w.add(event(account, "scan.incomplete", "", day(n, 2)).with(
				"event_id", uuid.NewSHA1(uuid.NameSpaceURL, []byte(account+kind+day(n, 2))).String(), "resource_type", kind, "state", w.pick("denied", "throttled")))
		}
	}
}

// deliver delivers a bill once more, under other ids; some deliveries are not whole.
func (w *world) deliver(n int) {
	d, observed, lines := fmt.Sprint("d", n), day(n+1, 7), w.IntN(4)
	for i := range lines {
		w.add(delivered("2", d, fmt.Sprint("l", i), observed, fmt.Sprint(1+w.IntN(100))))
	}
	if w.IntN(5) > 0 {
		w.add(ended(w.pick("scan.completed", "scan.incomplete"), "2", d, observed, lines+w.IntN(2)))
	}
}

// scanCosts reads the bill of all days up to one; lines come and go.
func (w *world) scanCosts(n int) {
	observed := day(n+1, 5)
	for d := 1; d <= n; d++ {
		for i := range 4 {
			if w.IntN(4) > 0 {
				w.upsert(line("1", fmt.Sprint("line", i), day(d, float64(i)), observed, fmt.Sprintf("0.%038d", 1+w.IntN(1e9))))
			}
		}
	}
	if w.IntN(4) > 0 {
		w.add(billScan("1", day(1, 0), day(n+1, 0), observed))
	}
	// Another source bills what the deliveries of account 2 do.
	doubled := func(r row) row { return r.with("source", "aws.cost_explorer") }
	w.upsert(doubled(line("2", "total", day(n, 0), observed, fmt.Sprint(1+w.IntN(100)))))
	if w.IntN(2) == 0 {
		w.add(doubled(billScan("2", day(1, 0), day(n+1, 0), observed)))
	}
}

// upsert adds r, or makes it the truth of the existing event.
func (w *world) upsert(r row) {
	for i, list := range w.statements {
		if list[0]["event_id"] == r["event_id"] {
			before := len(w.statements)
			w.add(r)
			w.statements[i] = append(list, w.statements[before]...)
			w.statements = w.statements[:before]
			return
		}
	}
	w.add(r)
}

func (w *world) activity() {
	arn := fmt.Sprint("arn:", 1+w.IntN(2), ":", w.IntN(6))
	kind := w.pick("activity.api_call", "activity.api_call", "resource.created", "resource.updated", "resource.deleted")
	r := event(strings.Split(arn, ":")[1], kind, arn, day(1+w.IntN(9), float64(w.IntN(24*60))/60))
	r["event_id"] = uuid.Must(uuid.NewRandomFromReader(seeded{w.Rand})).String()
	if w.IntN(3) > 0 {
		r = r.with("relations.type", []string{"in"}, "relations.target_arn", []string{w.pick("arn:a", "arn:b", "arn:c")})
	}
	if w.IntN(2) == 0 { // a call has few fields
		r = r.with("state", "", "region", "", "resource_type", "")
	}
	if w.IntN(3) == 0 {
		r = r.with("tags", map[string]string{w.pick("n", "m", "l"): w.pick("1", "2")}, "properties", map[string]string{w.pick("p", "q"): w.pick("1", "2")})
	}
	w.add(r)
}

type seeded struct{ *rand.Rand }

func (s seeded) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.Uint32())
	}
	return len(p), nil
}

// truth returns the last statement of each event.
func (w *world) truth() []row {
	var out []row
	for _, list := range w.statements {
		out = append(out, slices.MaxFunc(list, func(a, b row) int {
			return cmp.Compare(a["version"].(uint64), b["version"].(uint64))
		}))
	}
	return out
}

// deliveries returns all statements as a queue delivers them: some repeatedly, in any order, in
// batches of any size.
func (w *world) deliveries(r *rand.Rand) [][]row {
	var rows []row
	for _, list := range w.statements {
		for _, stated := range list {
			for range 1 + r.IntN(3)/2 + r.IntN(3)/2 {
				rows = append(rows, stated)
			}
		}
	}
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	var out [][]row
	for len(rows) > 0 {
		n := min(len(rows), 1+r.IntN(120))
		out = append(out, rows[:n])
		if r.IntN(5) == 0 { // a retry of the whole batch
			out = append(out, rows[:n])
		}
		rows = rows[n:]
	}
	return out
}

// views are all the views that readers use, without the columns that may differ between loads.
func (s store) views(t *testing.T, final string) map[string][]string {
	t.Helper()
	user := s.Users.Migrator
	if final != "" {
		user = s.Users.Reader
	}
	out := map[string][]string{}
	for _, name := range []string{
		"resource_snapshots", "resources_current", "resource_ancestry", "resource_relationships", "cost_hourly", "cost_rollup_daily",
		"accounts", "resource_scans", "resource_completions", "bill_deliveries", "cost_scan_days", "scan_scopes", "coverage_gaps",
	} {
		out[name] = s.lines(t, user, "SELECT * FROM "+name+final+" FORMAT JSONStringsEachRow")
	}
	out["resource_events"] = s.lines(t, user, "SELECT * EXCEPT inserted_at FROM resource_events FINAL FORMAT JSONStringsEachRow")
	out["counts"] = s.lines(t, user, "SELECT toStartOfDay(ts), event_type, count() FROM resource_events FINAL GROUP BY ALL")
	return out
}

// difference returns the first few lines that only one side has. A full diff of two long lists with
// little in common takes minutes.
func difference(want, got []string) string {
	if slices.Equal(want, got) {
		return ""
	}
	count := map[string]int{}
	for _, line := range want {
		count[line]++
	}
	for _, line := range got {
		count[line]--
	}
	var out []string
	for _, line := range slices.Sorted(maps.Keys(count)) {
		switch n := count[line]; {
		case n > 0:
			out = append(out, "- "+line)
		case n < 0:
			out = append(out, "+ "+line)
		}
	}
	if len(out) == 0 {
		return "the same lines in another order"
	}
	return fmt.Sprintf("%d lines against %d\n%s", len(want), len(got), strings.Join(out[:min(len(out), 6)], "\n"))
}

func TestViewsAreExact(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			plain := migrated(t)
			plain.insert(t, w.truth()...)
			want := plain.views(t, "")
			for name, rows := range want {
				if len(rows) < 2 {
					t.Errorf("%s has only %d rows: the world is too small", name, len(rows))
				}
			}
			if got, want := len(want["resource_events"]), len(w.statements); got != want {
				t.Errorf("%d events, want %d", got, want)
			}

			s := migrated(t)
			// A merge would remove what only FINAL may be relied on to hide.
			s.must(t, s.Users.Owner, "SYSTEM STOP MERGES")
			for _, rows := range w.deliveries(rand.New(rand.NewPCG(seed, 2))) {
				s.insert(t, rows...)
			}
			compare := func(when string, got map[string][]string) {
				t.Helper()
				for _, name := range slices.Sorted(maps.Keys(want)) {
					if diff := difference(want[name], got[name]); diff != "" {
						t.Errorf("%s, %s (-undisturbed +got):\n%s", name, when, diff)
					}
				}
			}
			compare("as inserted", s.views(t, ""))
			compare("for the reader, with FINAL", s.views(t, " FINAL"))
			s.must(t, s.Users.Owner, "SYSTEM START MERGES")
			for _, table := range []string{"resource_events", "scans", "resource_states", "cost_lines", "account_states"} {
				s.must(t, s.Users.Migrator, "OPTIMIZE TABLE "+table+" FINAL")
			}
			compare("merged", s.views(t, ""))
		})
	}
}

// A retried insert with its token leaves nothing to merge in any table. Without a token it counts
// as another insert, because inserted_at differs.
func TestRetriedInsertIsRecognised(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	var data strings.Builder
	for _, r := range []row{
		event("1", "resource.snapshot", "x", day(1, 0)), scan("1", day(1, 0)), line("1", "x", day(1, 0), day(2, 0), "1"),
		event("1", "account.described", "", day(1, 0)),
	} {
		if err := json.NewEncoder(&data).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		a := s.query(t, s.Users.Writer,
			"INSERT INTO resource_events SETTINGS insert_deduplication_token = 'batch 1' FORMAT JSONEachRow", data.String())
		if a.code != http.StatusOK {
			t.Fatalf("inserting: status %d: %s", a.code, a.body)
		}
	}
	for table, want := range map[string]string{
		"resource_events": "4", "resource_states": "1", "scans": "1", "cost_lines": "1", "account_states": "1",
	} {
		if got := s.must(t, s.Users.Migrator, "SELECT count() FROM "+table); got != want {
			t.Errorf("%s holds %s rows, want %s", table, got, want)
		}
	}
}
