package queries_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/schema/queries"
)

// examples are values of the required parameters.
func examples(q queries.Query) map[string]string {
	known := map[string]string{"arn": webInstance, "q": "web", "tag": "team"}
	out := map[string]string{}
	for _, p := range q.Params {
		if p.Required {
			out[p.Name] = known[p.Name]
		}
	}
	return out
}

// answer runs a query by name; values override its examples.
func answer(t *testing.T, conn driver.Conn, now time.Time, name string, values map[string]string) queries.Answer {
	t.Helper()
	q, err := queries.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	all := examples(q)
	maps.Copy(all, values)
	b, err := q.Bind(all, now)
	if err != nil {
		t.Fatal(err)
	}
	// The deadline must not be sent as a setting, which the reader may not change.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, err := b.Run(ctx, conn)
	if err != nil {
		t.Fatalf("%v: %v", values, err)
	}
	return a
}

// TestEveryQuery runs every query on no events and on the world, there with every choice.
func TestEveryQuery(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	now := time.Now()
	all := queries.All()
	for _, q := range all {
		for _, values := range choices(q) {
			described(t, conn, now, q, values)
		}
		if a := answer(t, conn, now, q.Name, nil); len(a.Rows) > 0 || a.Truncated {
			t.Errorf("%s has rows where there are no events: %v", q.Name, a.Rows)
		}
	}
	w := newWorld(now)
	s.insert(t, append(w.rows, anomalous(w)...))
	byHand(t, s)
	for _, q := range all {
		t.Run(q.Name, func(t *testing.T) {
			rows := 0
			for i, values := range choices(q) {
				a := answer(t, conn, now, q.Name, values)
				if len(a.Rows) == 0 {
					t.Errorf("%v has no rows", values)
				}
				if i == 0 {
					rows = len(a.Rows)
				}
			}
			for _, values := range filters(q) {
				if a := answer(t, conn, now, q.Name, values); len(a.Rows) > 0 {
					t.Errorf("%v, which nothing has, leaves %v", values, a.Rows[0])
				}
			}
			first := answer(t, conn, now, q.Name, map[string]string{"limit": "1"})
			if len(first.Rows) != 1 || first.Truncated != (rows > 1) {
				t.Errorf("with a limit of 1 it has %d rows, truncated %t, of %d", len(first.Rows), first.Truncated, rows)
			}
		})
	}
}

// anomalous has an account whose instance cost 10 a day, and 50 five days ago.
func anomalous(w *world) []row {
	out := &world{now: w.now, rng: w.rng, n: 1_000_000}
	for back := 60; back > 0; back-- {
		c := cost{day: w.day(back), account: "000000000005", source: "aws.cur", service: "ec2", arn: webInstance, currency: "USD", amount: decimal.New(10, 0)}
		if back == 5 {
			c.amount = decimal.New(50, 0)
		}
		out.bill(c, row{}, nil)
	}
	out.add("scan.completed", "aws.cur", w.day(60), row{"period_end": clock(w.day(0)), "account_id": "000000000005", "observed_at": clock(w.now)})
	return out.rows
}

// byHand says something of accounts and customers by hand.
func byHand(t *testing.T, s store) {
	t.Helper()
	conn := s.connect(t, s.Users.Migrator)
	for _, sql := range []string{
		"INSERT INTO account_metadata (account_id, role) VALUES ('000000000002', 'staging')",
		"INSERT INTO customer_metadata (customer, name, tier) VALUES ('acme', 'Acme Ltd', 'gold')",
		"INSERT INTO fx_rates (currency, target, day, rate) VALUES ('EUR', 'USD', toDate32(now()) - 20, 1.25), ('EUR', 'USD', toDate32(now()) - 30, 1.1)",
	} {
		if err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// choices are values of the parameters with lists of values, one parameter at a time.
func choices(q queries.Query) []map[string]string {
	out := []map[string]string{{}}
	for _, p := range q.Params {
		for _, v := range p.In {
			if !p.Required && v != p.Default && p.Items == 0 {
				out = append(out, map[string]string{p.Name: v})
			}
		}
	}
	return out
}

// filters are values that nothing has, of the parameters of each optional part of the SQL.
func filters(q queries.Query) []map[string]string {
	var out []map[string]string
	for _, part := range regexp.MustCompile(`\[\[(.*?)\]\]`).FindAllStringSubmatch(q.SQL, -1) {
		values := map[string]string{}
		for _, m := range regexp.MustCompile(`\{(\w+):`).FindAllStringSubmatch(part[1], -1) {
			i := slices.IndexFunc(q.Params, func(p queries.Param) bool { return p.Name == m[1] })
			if values[m[1]] = "zz"; len(q.Params[i].In) > 0 { // all that it may be is there
				delete(values, m[1])
			}
		}
		if len(values) > 0 {
			out = append(out, values)
		}
	}
	return out
}

// described compares the declared columns with those that ClickHouse describes.
func described(t *testing.T, conn driver.Conn, now time.Time, q queries.Query, values map[string]string) {
	t.Helper()
	all := examples(q)
	maps.Copy(all, values)
	b, err := q.Bind(all, now)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(ch.Context(t.Context(), ch.WithParameters(b.Parameters)), "DESCRIBE TABLE ("+b.SQL+")")
	if err != nil {
		t.Errorf("%s %v: %v", q.Name, values, err)
		return
	}
	defer func() { _ = rows.Close() }()
	var got, want []string
	for rows.Next() {
		cells := make([]any, len(rows.Columns()))
		for i := range cells {
			cells[i] = new(string)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		got = append(got, *cells[0].(*string)+" "+withoutLowCardinality(*cells[1].(*string)))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range q.Columns {
		want = append(want, c.Name+" "+c.Type)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s %v: columns (-declared +described):\n%s", q.Name, values, diff)
	}
}

func withoutLowCardinality(typ string) string {
	for {
		before, rest, found := strings.Cut(typ, "LowCardinality(")
		if !found {
			return typ
		}
		inner, after, _ := strings.Cut(rest, ")")
		typ = before + inner + after
	}
}

// sums adds up a column of decimals by currency, of the rows that keep returns true for.
func sums(t *testing.T, a queries.Answer, column string, keep func(map[string]string) bool) map[string]decimal.Decimal {
	t.Helper()
	out := map[string]decimal.Decimal{}
	for _, r := range a.Rows {
		cells := map[string]string{}
		for i, c := range a.Query.Columns {
			cells[c.Name] = queries.Text(r[i])
		}
		if keep != nil && !keep(cells) {
			continue
		}
		d, err := decimal.NewFromString(cells[column])
		if err != nil {
			t.Fatalf("%s of %s: %v", column, a.Query.Name, err)
		}
		out[cells["currency"]] = out[cells["currency"]].Add(d)
	}
	if a.Truncated {
		t.Errorf("%s is truncated", a.Query.Name)
	}
	return out
}

// Every way to break costs down adds up to the same total, to the last digit.
func TestTotalsAgree(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	now := time.Now()
	w := newWorld(now)
	s.insert(t, w.rows)
	byHand(t, s)
	from, until := w.day(30), w.day(-1)
	for name, filter := range map[string]struct {
		values map[string]string
		keep   func(cost) bool
	}{
		"all":          {nil, nil},
		"two accounts": {map[string]string{"account": "000000000001,000000000003"}, func(c cost) bool { return c.account == "000000000001" || c.account == "000000000003" }},
		"no owner":     {map[string]string{"customer": "(none)"}, func(c cost) bool { return c.customer == "" }},
		"one source":   {map[string]string{"source": "aws.cur", "service": "ec2"}, func(c cost) bool { return c.source == "aws.cur" && c.service == "ec2" }},
		"one currency": {map[string]string{"currency": "EUR"}, func(c cost) bool { return c.currency == "EUR" }},
	} {
		t.Run(name, func(t *testing.T) {
			want := w.total(from, until, filter.keep)
			if len(want) == 0 {
				t.Fatal("the filter leaves no costs")
			}
			check := func(query, column string, values map[string]string, want map[string]decimal.Decimal, keep func(map[string]string) bool) {
				t.Helper()
				all := maps.Clone(filter.values)
				if all == nil {
					all = map[string]string{}
				}
				maps.Copy(all, values)
				got := sums(t, answer(t, conn, now, query, all), column, keep)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s %v (-want +got):\n%s", query, all, diff)
				}
			}
			q, err := queries.Named("cost_by_dimension")
			if err != nil {
				t.Fatal(err)
			}
			top := map[string]string{"top": "2"}
			for _, values := range choices(q) {
				if values["top"] = "1"; name == "all" {
					check("cost_by_dimension", "cost", values, want, nil)
				}
			}
			check("cost_by_dimension", "cost", nil, want, nil)
			for _, step := range []string{"day", "week", "month"} {
				check("cost_series", "cost", map[string]string{"step": step, "top": "2", "by": "customer"}, want, nil)
			}
			check("cost_top_resources", "cost", top, want, nil)
			check("cost_by_tag", "cost", top, want, nil)
			check("cost_by_usage_type", "cost", top, want, nil)
			check("cost_by_charge_type", "cost", nil, want, nil)
			check("cost_by_platform", "cost", nil, want, nil)
			check("cost_converted", "cost", map[string]string{"from": from.Format(time.DateOnly), "until": until.Format(time.DateOnly)}, want, nil)
			check("cost_effective", "billed", map[string]string{"until": "today+1d"}, want, nil)
			periods := map[string]string{
				"from": from.Format(time.DateOnly), "until": until.Format(time.DateOnly), "before_from": w.day(50).Format(time.DateOnly), "before_until": w.day(31).Format(time.DateOnly), "top": "2",
			}
			check("cost_compare", "after", periods, want, nil)
			before := w.total(w.day(50), w.day(31), filter.keep)
			check("cost_compare", "before", periods, before, nil)
			if name != "all" {
				return
			}
			unowned := w.total(from, until, func(c cost) bool { return c.customer == "" })
			check("cost_unallocated", "cost", nil, unowned, nil)
			check("cost_by_dimension", "cost", map[string]string{"by": "customer"}, unowned, func(r map[string]string) bool { return r["kind"] == "none" })
			check("cost_by_tag", "cost", nil, w.total(from, until, func(c cost) bool { return c.team == "" }), func(r map[string]string) bool { return r["value"] == "(none)" })
			check("cost_by_tag", "cost", nil, w.total(from, until, func(c cost) bool { return c.team == "core" }), func(r map[string]string) bool { return r["value"] == "core" })
			check("cost_by_dimension", "cost", map[string]string{"by": "customer_tier"}, w.total(from, until, func(c cost) bool { return c.customer == "acme" }),
				func(r map[string]string) bool { return r["value"] == "gold" })
			check("cost_by_dimension", "cost", map[string]string{"by": "account_role"}, w.total(from, until, func(c cost) bool { return c.account == "000000000002" }),
				func(r map[string]string) bool { return r["value"] == "staging" })
			check("cost_by_charge_type", "cost", nil, w.total(from, until, func(c cost) bool { return c.charge == "Tax" }), func(r map[string]string) bool { return r["value"] == "Tax" })
			check("resource_cost", "cost", nil, w.total(from, until, func(c cost) bool { return c.arn == webInstance }), nil)
			check("cost_sources", "first_cost", map[string]string{"from": from.Format(time.DateOnly)}, w.total(from, until, func(c cost) bool { return c.source == "aws.cur" }), nil)
		})
	}
}

// column returns the texts of an answer's column.
func column(a queries.Answer, name string) []string {
	var out []string
	for i, c := range a.Query.Columns {
		if c.Name == name {
			for _, r := range a.Rows {
				out = append(out, queries.Text(r[i]))
			}
		}
	}
	return out
}

// What the queries say of the world, where it is known.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	now := time.Now()
	w := newWorld(now)
	s.insert(t, w.rows)
	byHand(t, s)
	for _, c := range []struct {
		query, column string
		values        map[string]string
		want          []string
	}{
		{"resource_list", "arn", nil, []string{webAddress, webInstance, webSubnet, webVolume, webVPC, loneVolume}},
		{"resource_list", "arn", map[string]string{"after": webSubnet, "resource_type": "ec2:volume"}, []string{webVolume, loneVolume}},
		{"resource_list", "arn", map[string]string{"tag": "team", "tag_value": "search"}, []string{webInstance}},
		{"resource_list", "arn", map[string]string{"customer": "(none)", "state": "in-use"}, []string{webVolume}},
		{"resource_search", "arn", map[string]string{"q": "WEB"}, []string{webInstance, webAddress, webVolume}},
		{"resource_search", "found_in", map[string]string{"q": "search"}, []string{"tag"}},
		{"resource_get", "exists", nil, []string{"true"}},
		{"resource_get", "customer_tier", nil, []string{"gold"}},
		{"resource_get", "account_name", nil, []string{"web-production"}},
		{"resource_get", "exists", map[string]string{"arn": lostBucket}, []string{"false"}},
		{"resource_get", "resource_name", map[string]string{"arn": goneVolume}, []string{"vol-gone"}},
		{"resource_search", "arn", map[string]string{"q": "web", "property": "no_such"}, nil},
		{"resource_list", "arn", map[string]string{"first_until": "2000-01-02"}, nil},
		{"resource_facets", "resources", map[string]string{"q": "SEARCH", "customer": "acme", "resource_type": "ec2:instance"}, []string{"1", "1", "1", "1", "1", "1", "1", "1"}},
		{"resource_changes", "field", nil, []string{"state"}},
		{"resource_changes", "after", map[string]string{"field": "state"}, []string{"running"}},
		{"tag_values", "value", nil, []string{"search"}},
		{"tag_values", "value", map[string]string{"prefix": "x"}, nil},
		{"resource_edges", "other_arn", nil, []string{webAddress, webVolume}},
		{"resource_edges", "direction", map[string]string{"arn": webVolume}, []string{"out"}},
		{"resource_ancestors", "ancestor_arn", nil, []string{webSubnet, webVPC}},
		{"resource_dependents", "arn", map[string]string{"arn": webVPC}, []string{webInstance, webSubnet, webAddress, webVolume}},
		{"resource_dependents", "depth", map[string]string{"arn": webVPC}, []string{"1", "1", "2", "2"}},
		{"resource_dependents", "arn", map[string]string{"arn": webVPC, "depth": "1"}, []string{webInstance, webSubnet}},
		{"resources_on_day", "arn", map[string]string{"day": "today-9d"}, []string{webAddress, webInstance, webSubnet, webVolume, webVPC, loneVolume, lostBucket}},
		{"resources_on_day", "arn", map[string]string{"day": "today+1d"}, []string{webAddress, webInstance, webSubnet, webVolume, webVPC, loneVolume}},
		{"resources_on_day", "state", map[string]string{"day": "today-9d", "resource_type": "ec2:instance"}, []string{"pending"}},
		{"resources_diff", "arn", map[string]string{"before": "today-9d", "day": "today+1d"}, []string{webInstance, lostBucket}},
		{"resources_diff", "change", map[string]string{"before": "today-9d", "day": "today+1d"}, []string{"changed", "gone"}},
		{"resources_diff", "changed", map[string]string{"before": "today-9d", "day": "today+1d", "change": "changed"}, []string{`["state"]`}},
		{"activity_changes", "call", nil, []string{"DeleteVolume", "CreateVolume"}},
		{"activity_created_deleted", "lived", nil, []string{"3600"}},
		{"activity_denied", "error_code", nil, []string{"AccessDenied", "Client.UnauthorizedOperation"}},
		{"activity_by_actor", "writes", nil, []string{"1", "2"}},
		{"activity_by_actor", "denied", nil, []string{"0", "2"}},
		{"health_idle", "reason", map[string]string{"resource_type": "ec2:instance"}, []string{"low CPU", "low CPU"}}, // in two currencies
		{"health_idle", "arn", map[string]string{"resource_type": "ec2:volume"}, []string{loneVolume, loneVolume}},
		{"health_coverage_gaps", "reason", map[string]string{"source": "aws.ec2"}, []string{"denied"}},
		{"health_ingest_failures", "rejected", nil, []string{"2"}},
		{"health_tag_coverage", "coverage", map[string]string{"key": "team", "by": "platform"}, []string{"16.67"}},
		{"health_bills", "state", map[string]string{"only_counting": "true"}, []string{"partial"}},
		{"accounts", "role", nil, []string{"production", "staging"}},
		{"accounts", "role", map[string]string{"platform": "github"}, nil},
		{"cost_marketplace", "marketplace_cost", nil, []string{"7"}},
		{"cost_marketplace", "own_cost", nil, []string{"8"}},
		{"cost_marketplace", "twice", nil, []string{"true"}},
		{"cost_marketplace", "products", nil, []string{`["Datadog Pro"]`}},
		{"customers", "tier", map[string]string{"customer": "acme"}, []string{"gold"}},
		{"customers", "customer", nil, []string{"acme", "globex", "initech"}},
		{"tag_keys", "key", nil, []string{"name", "team"}},
		{"alerts", "alert", nil, []string{"cost_anomaly", "stale_source"}}, // the worst first
		{"alerts", "told", nil, []string{"{}", `{"pager":"sent","slack":"failed"}`}},
		{"alerts", "told_errors", nil, []string{"{}", `{"slack":"status 500"}`}},
		{"alerts", "labels", map[string]string{"severity": "critical"}, []string{`{"account_id":"000000000001","currency":"USD"}`}},
		{"alerts", "alert", map[string]string{"status": "all"}, []string{"cost_anomaly", "stale_source", "untagged_spend", "root_sign_in"}},
		{"alerts", "state", map[string]string{"status": "resolved"}, []string{"resolved"}},
		{"alerts", "alert", map[string]string{"status": "all", "account": "000000000002"}, []string{"untagged_spend", "root_sign_in"}},
		{"alert_history", "state", map[string]string{"alert": "stale_source"}, []string{"firing", "pending"}},
		{"alert_history", "before", map[string]string{"episode": "episode-3"}, []string{"firing", ""}},
		{"alert_history", "values", map[string]string{"episode": "episode-1"}, []string{`{"silent":"90000"}`}},
		{"alert_notifications", "channel", map[string]string{"episode": "episode-1"}, []string{"slack", "pager", "slack"}},
		{"alert_notifications", "error", map[string]string{"state": "failed"}, []string{"status 500"}},
		{"alert_silences", "silence", nil, []string{"s1"}},
		{"alert_silences", "state", map[string]string{"status": "all"}, []string{"active", "expired", "revoked"}},
		{"alert_runs", "state", nil, []string{"yielded", "claimed", "finished"}},
		{"alert_runs", "failed", nil, []string{"0", "0", "1"}},
		{"alert_runs", "repeated", nil, []string{"false", "false", "true"}},
		{"dimension_values", "value", map[string]string{"of": "customer", "prefix": "A"}, []string{"acme"}},
	} {
		t.Run(fmt.Sprint(c.query, c.values, c.column), func(t *testing.T) {
			if diff := cmp.Diff(c.want, column(answer(t, conn, now, c.query, c.values), c.column)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is there at the end of today is what is there now: a snapshot forgets what it does not say, and an update adds to it.
func TestTheLastDayIsNow(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	now := time.Now()
	w := newWorld(now)
	for i, e := range []struct {
		arn, typ, hour, state string
		tags                  map[string]string
	}{
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-1", "resource.created", "01", "available", map[string]string{"team": "web", "env": "test"}},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-1", "resource.updated", "02", "", map[string]string{"team": "search"}},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-2", "resource.created", "01", "available", map[string]string{"team": "web"}},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-2", "resource.snapshot", "03", "", nil},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-3", "resource.created", "01", "available", nil},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-3", "resource.deleted", "01", "", nil},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-4", "resource.created", "01", "available", nil},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-4", "resource.deleted", "02", "", nil},
		{"arn:aws:ec2:eu-west-1:000000000009:volume/vol-4", "resource.updated", "03", "", nil},
	} {
		at := w.day(3).Format(time.DateOnly) + " " + e.hour + ":00:00"
		w.rows = append(w.rows, resource(e.arn, "000000000009", "ec2:volume", "v", row{
			"event_id": fmt.Sprintf("00000000-0000-0000-0009-%012d", i), "event_type": e.typ, "source": "x", "ts": at, "observed_at": at, "state": e.state, "tags": e.tags,
		}))
	}
	s.insert(t, w.rows)
	byHand(t, s)
	is, was := answer(t, conn, now, "resource_list", map[string]string{"limit": "1000"}), answer(t, conn, now, "resources_on_day", map[string]string{"day": "today+1d", "limit": "1000"})
	if len(is.Rows) < 7 {
		t.Fatalf("only %d resources are there", len(is.Rows))
	}
	for _, name := range []string{"arn", "resource_type", "resource_name", "account_id", "region", "state", "customer", "cluster", "last_seen", "tags"} {
		if diff := cmp.Diff(column(is, name), column(was, name)); diff != "" {
			t.Errorf("%s (-now +on the day):\n%s", name, diff)
		}
	}
	changed := answer(t, conn, now, "resources_diff", map[string]string{"before": "today-3d", "day": "today", "account": "000000000009"})
	if len(changed.Rows) > 0 {
		t.Errorf("%v changed", changed.Rows)
	}
}

// Values reach ClickHouse as they are, whatever is in them.
func TestValuesArrive(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t, s.Users.Reader)
	now := time.Now()
	texts := []string{"plain", "it's", `back\slash`, `\n`, "new\nline", "tab\there", "a,b", "['x']", "'; DROP TABLE resource_events; --", "{limit:UInt32}", "NULL", `\N`, "ünï", "]", `"`}
	var rows []row
	for i, text := range texts {
		rows = append(rows, resource(fmt.Sprintf("arn:%02d:%s", i, text), "1", "x:y", text, row{
			"event_id": fmt.Sprintf("00000000-0000-0000-0000-%012d", i), "event_type": "resource.snapshot", "source": "x", "ts": clock(now), "observed_at": clock(now),
			"state": text, "tags": map[string]string{"k": text},
		}))
	}
	s.insert(t, rows)
	for i, text := range texts {
		arn := fmt.Sprintf("arn:%02d:%s", i, text)
		list := mustJSON(t, []string{"other", text})
		for query, values := range map[string]map[string]string{
			"resource_get":  {"arn": arn},
			"resource_list": {"state": list, "tag": "k", "tag_value": text},
		} {
			if diff := cmp.Diff([]string{arn}, column(answer(t, conn, now, query, values), "arn")); diff != "" {
				t.Errorf("%s %q (-want +got):\n%s", query, text, diff)
			}
		}
	}
}
