package main

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"polo/internal/cli"
	"polo/local/stack"
	"polo/producers/cur/curtest"
	"polo/schema/queries"
)

func TestQueryUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, says string
		args       []string
	}{
		{"no query", "no query is given", nil},
		{"an unknown query", "cost_by_tag", []string{"cost_by_tags"}},
		{"a list and a query", "--list goes with no query", []string{"--list", "accounts"}},
		{"no value", `"by" is not NAME=VALUE`, []string{"cost_series", "--param", "by"}},
		{"a value twice", "by is given twice", []string{"cost_series", "-p", "by=service", "-p", "by=account"}},
		{"an unknown parameter", "parameter bye: there is none of that name", []string{"cost_series", "-p", "bye=x"}},
		{"a day that does not exist", `parameter from: "2026-13-45" is no date`, []string{"cost_series", "-p", "from=2026-13-45"}},
		{"a number that wraps", "parameter top: \"65636\" is not from 1 to 1000", []string{"cost_series", "-p", "top=65636"}},
		{"no choice", "parameter by: \"cost; DROP TABLE x\" is none of", []string{"cost_series", "-p", "by=cost; DROP TABLE x"}},
		{"a parameter missing", "parameter arn: it is required", []string{"resource_get"}},
		{"a text too long", "parameter q: ", []string{"resource_search", "-p", "q=" + strings.Repeat("x", 201)}},
		{"no user", "--addr needs --user", []string{"accounts", "--addr", "127.0.0.1:1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := polo(t, append([]string{"query"}, c.args...)...)
			var code cli.Error
			if !errors.As(err, &code) || code.Code != cli.ExitUsage || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one of usage that says %q", err, c.says)
			}
		})
	}
}

func TestQueryList(t *testing.T) {
	t.Parallel()
	out, _, err := polo(t, "query", "--list")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries.All() {
		if !strings.Contains(out, "  "+q.Name+" ") {
			t.Errorf("the list lacks %s", q.Name)
		}
		explained, _, err := polo(t, "query", q.Name, "--explain")
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{q.Title, q.Text, q.SQL, "PARAMETERS", "limit UInt32"} {
			if !strings.Contains(explained, part) {
				t.Errorf("%s --explain lacks %q", q.Name, part)
			}
		}
	}
	for line := range strings.Lines(out) {
		if utf8.RuneCountInString(line) > 81 {
			t.Errorf("a line is longer than 80: %s", line)
		}
	}
}

// said is what polo query --format json prints.
type said struct {
	Columns   []queries.Column
	Rows      []map[string]any
	Truncated bool
}

// sampleQueries are values for the sample world and the bill of February 2026: the queries that
// look back from the present would find nothing.
func sampleQueries(q queries.Query, arn string) map[string]string {
	known := map[string]string{
		"from": "2026-02-01", "until": "2026-03-01", "before_from": "2026-01-25", "before_until": "2026-02-01", "at": "2026-02-20",
		"arn": arn, "q": "arn:aws", "tag": "Team", "day": "2026-01-15", "before": "2026-01-14",
	}
	out := map[string]string{}
	for _, p := range q.Params {
		if v, ok := known[p.Name]; ok && (p.Required || p.Name != "tag") {
			out[p.Name] = v
		}
		if strings.HasPrefix(p.Type, "DateTime64") {
			out[p.Name] = map[string]string{"since": "2026-01-01", "until": "2026-03-01"}[p.Name]
		}
	}
	if q.Name == "health_bills" {
		out["since"] = "2026-01-01"
	}
	return out
}

// TestQueriesOnTheSampleWorld runs every query on the generated day and a bill, as a person does.
func TestQueriesOnTheSampleWorld(t *testing.T) {
	t.Parallel()
	data, day, bills := t.TempDir(), t.TempDir(), t.TempDir()
	if _, _, err := polo(t, "sample", day, "--records", "4000"); err != nil {
		t.Fatal(err)
	}
	bill := curtest.Small()
	if err := bill.CUR1(bills, "a"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := polo(t, "ingest", day, bills, "--data", data); err != nil {
		t.Fatal(err)
	}
	s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: "polo query"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	query := func(name string, values map[string]string) (out said) {
		t.Helper()
		args := []string{"query", name, "--data", data, "--format", "json"}
		for _, k := range slices.Sorted(maps.Keys(values)) {
			args = append(args, "-p", k+"="+values[k])
		}
		text, _, err := polo(t, args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s: %v in %s", name, err, text)
		}
		return out
	}
	edge, _, err := polo(t, "sql", "--data", data, "--format", "tsv", "SELECT arn FROM resources_current WHERE notEmpty(ancestors) AND notEmpty(relations) ORDER BY arn LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	// The sample has no accounts, inventory, metrics, gaps or costs of its resources, and nothing depends on that one.
	without := []string{"accounts", "health_coverage_gaps", "health_idle", "resource_cost", "resource_dependents", "rule_violations"}
	for _, q := range queries.All() {
		begun := time.Now()
		a := query(q.Name, sampleQueries(q, strings.TrimSpace(edge)))
		t.Logf("%s: %d rows in %s", q.Name, len(a.Rows), time.Since(begun).Round(time.Millisecond))
		if len(a.Rows) == 0 && !slices.Contains(without, q.Name) {
			t.Errorf("%s has no rows", q.Name)
		}
		if diff := cmp.Diff(q.Columns, a.Columns); diff != "" {
			t.Errorf("%s: columns (-declared +printed):\n%s", q.Name, diff)
		}
		for _, row := range a.Rows {
			if len(row) != len(q.Columns) {
				t.Fatalf("%s: a row has %d members: %v", q.Name, len(row), row)
			}
			for _, c := range q.Columns {
				if _, text := row[c.Name].(string); c.Unit == "currency" && !text && row[c.Name] != nil {
					t.Errorf("%s: %s is %v and no string", q.Name, c.Name, row[c.Name])
				}
			}
		}
	}
	total := query("cost_by_dimension", map[string]string{"from": "2026-02-01", "until": "2026-03-01", "by": "total"})
	if got, want := total.Rows[0]["cost"], bill.Total().String(); got != want {
		t.Errorf("the bill comes to %v, want %s", got, want)
	}
	first := query("resource_list", map[string]string{"limit": "3"})
	if len(first.Rows) != 3 || !first.Truncated {
		t.Errorf("of 3 resources there are %d, truncated %t", len(first.Rows), first.Truncated)
	}
	_, notes, err := polo(t, "query", "resource_list", "--data", data, "-p", "limit=3")
	if err != nil || !strings.Contains(notes, "more than these 3 rows") {
		t.Errorf("a table that lacks rows is told of as %q, %v", notes, err)
	}
	csv, _, err := polo(t, "query", "cost_by_dimension", "--data", data, "--format", "csv", "-p", "from=2026-02-01", "-p", "until=2026-03-01", "-p", "by=total")
	if err != nil || !strings.HasPrefix(csv, "value,kind,label,currency,cost,") || !strings.Contains(csv, "\ntotal,value,,USD,"+bill.Total().String()+",100,") {
		t.Errorf("csv is %q, %v", csv, err)
	}
	metaIsSeen(t, data, query)
}

// metaIsSeen sets a role and a tier, which the next query has, and no event changes.
func metaIsSeen(t *testing.T, data string, query func(string, map[string]string) said) {
	t.Helper()
	const events = "SELECT count(), max(inserted_at), sum(cityHash64(account_role, event_id)) FROM resource_events"
	before, _, err := polo(t, "sql", "--data", data, "--format", "tsv", events)
	if err != nil {
		t.Fatal(err)
	}
	set := func(args ...string) {
		t.Helper()
		if _, _, err := polo(t, append(append([]string{"meta", "set"}, args...), "--data", data)...); err != nil {
			t.Fatal(err)
		}
	}
	roles := func() []any {
		var out []any
		for _, r := range query("cost_by_dimension", map[string]string{"from": "2026-02-01", "until": "2026-03-01", "by": "account_role"}).Rows {
			out = append(out, r["value"])
		}
		return out
	}
	begun := time.Now()
	set("account", "000000000042", `role=pro'd\uction`, "name=web")
	if got := roles(); !slices.Contains(got, any(`pro'd\uction`)) || time.Since(begun) > 30*time.Second {
		t.Errorf("the roles are %v after %s", got, time.Since(begun))
	}
	set("account", "000000000042", "role=staging")
	if got := roles(); !slices.Contains(got, any("staging")) || len(got) != 2 {
		t.Errorf("the roles are %v", got)
	}
	set("customer", "acme", "tier=gold", "contact=ada")
	set("customer", "acme", "name=Acme Ltd", "contact=")
	a := query("customers", map[string]string{"customer": "acme"})
	set("customer", "acme", "budget=99.5")
	set("customer", "acme", "budget_currency=EUR")
	if b := query("customers", map[string]string{"customer": "acme"}).Rows[0]["budget"]; b != "99.5 EUR" {
		t.Errorf("the budget is %v", b)
	}
	if r := a.Rows[0]; r["tier"] != "gold" || r["name"] != "Acme Ltd" || r["contact"] != "" {
		t.Errorf("the customer is %v", r)
	}
	for args, says := range map[string]string{"account 000000000042": "staging", "customer acme": "Acme Ltd"} {
		out, _, err := polo(t, append(append([]string{"meta", "get"}, strings.Fields(args)...), "--data", data)...)
		if err != nil || !strings.Contains(out, says) {
			t.Errorf("meta get %s: %v\n%s", args, err, out)
		}
	}
	out, _, err := polo(t, "meta", "list", "account", "--format", "csv", "--data", data)
	if err != nil || !strings.Contains(out, "000000000042,web,staging,") {
		t.Errorf("meta list: %v\n%s", err, out)
	}
	if _, _, err := polo(t, "meta", "get", "account", "7", "--data", data); err == nil || !strings.Contains(err.Error(), "nothing is known of account") {
		t.Errorf("an unknown account: %v", err)
	}
	after, _, err := polo(t, "sql", "--data", data, "--format", "tsv", events)
	if err != nil || after != before {
		t.Errorf("the events were %q and are %q, %v", before, after, err)
	}
}

func TestMetaUsage(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"account 1 rle=x":        `account has no field "rle": it has name, role,`,
		"account 1 role=":        "role is empty",
		"account 1 role":         "is not NAME=VALUE",
		"account 1":              "expected",
		"team 1 name=x":          "must be one of",
		"customer a role=x":      "customer has no field",
		"customer a tier=\n":     "is empty",
		"customer a budget=much": "is no amount",
	} {
		_, _, err := polo(t, append([]string{"meta", "set"}, strings.Split(args, " ")...)...)
		var code cli.Error
		if !errors.As(err, &code) || code.Code != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one of usage that says %q", args, err, says)
		}
	}
}
