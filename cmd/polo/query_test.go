package main

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/internal/cli"
	"polo/local/sample"
	"polo/local/stack"
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

// TestQueriesOnTheSampleWorld runs every query on the generated organisation, as a person does.
func TestQueriesOnTheSampleWorld(t *testing.T) {
	t.Parallel()
	data, world := t.TempDir(), t.TempDir()
	if _, _, err := polo(t, "sample", world, "--records", "500"); err != nil {
		t.Fatal(err)
	}
	text, _, err := polo(t, "ingest", world, "--data", data, "--json")
	var sum ingestSummary
	if err := errors.Join(err, json.Unmarshal([]byte(text), &sum)); err != nil {
		t.Fatal(err)
	}
	if sum.Failed != 0 || sum.Skipped != 1 || len(sum.LeftOut) != 1 || sum.Duplicates != 0 || len(sum.UnknownColumns) != 0 || sum.Undated != 0 {
		t.Errorf("a world of which something was not read: %+v", sum)
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
	if out, _, err := polo(t, "meta", "load", filepath.Join(world, sample.MetadataFile), "--data", data); err != nil || !strings.Contains(out, "6 accounts and 5 customers") {
		t.Fatalf("%v: %s", err, out)
	}
	query := func(name string, values map[string]string) (out said) {
		t.Helper()
		args := []string{}
		for _, k := range slices.Sorted(maps.Keys(values)) {
			args = append(args, "-p", k+"="+values[k])
		}
		return askNamed(t, data, name, args...)
	}
	const group = "arn:aws:ec2:us-east-1:555522227777:security-group/sg-0079cf7de615f02e4"
	known := map[string]string{"arn": group, "q": "acme", "tag": "team", "day": "today-1d", "at": "today"}
	// A security group costs nothing.
	other := map[string]string{"resource_cost": "arn:aws:ec2:us-east-1:666622228888:volume/vol-04e1e8f6a005c9163"}
	for _, q := range queries.All() {
		values := map[string]string{}
		for _, p := range q.Params {
			if p.Required {
				values[p.Name] = known[p.Name]
			}
		}
		if arn := other[q.Name]; arn != "" {
			values["arn"] = arn
		}
		begun := time.Now()
		a := query(q.Name, values)
		t.Logf("%s: %d rows in %s", q.Name, len(a.Rows), time.Since(begun).Round(time.Millisecond))
		// Nothing of the world is bought on a marketplace, no rate is set yet, and no alert is evaluated.
		if without := q.Name == "cost_marketplace" || q.Name == "fx_rates" || q.Group == "alerts"; (len(a.Rows) == 0) != without {
			t.Errorf("%s has %d rows", q.Name, len(a.Rows))
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
	totalsAgree(t, world, query)
	questionsAreAnswered(t, data)
	first := query("resource_list", map[string]string{"limit": "3"})
	if len(first.Rows) != 3 || !first.Truncated {
		t.Errorf("of 3 resources there are %d, truncated %t", len(first.Rows), first.Truncated)
	}
	_, notes, err := polo(t, "query", "resource_list", "--data", data, "-p", "limit=3")
	if err != nil || !strings.Contains(notes, "more than these 3 rows") {
		t.Errorf("a table that lacks rows is told of as %q, %v", notes, err)
	}
	csv, _, err := polo(t, "query", "cost_by_dimension", "--data", data, "--format", "csv", "-p", "from=today-130d", "-p", "by=total")
	if err != nil || !strings.HasPrefix(csv, "value,kind,label,currency,cost,") || !strings.Contains(csv, "\ntotal,value,,USD,"+sumOfBills(t, world).String()+",100,") {
		t.Errorf("csv is %q, %v", csv, err)
	}
	metaIsSeen(t, data, query)
}

// askNamed runs a query and returns what it prints as JSON.
func askNamed(t *testing.T, data, name string, args ...string) (out said) {
	t.Helper()
	text, _, err := polo(t, append([]string{"query", name, "--data", data, "--format", "json"}, args...)...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v in %s", name, err, text)
	}
	return out
}

// sumOfBills adds up the amounts in a world's bills, as they are written.
func sumOfBills(t *testing.T, world string) (sum decimal.Decimal) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(world, "bills", "*", "data", "*", "*", "*.csv.gz"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d bills, %v", len(files), err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(z).ReadAll()
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		cost := slices.Index(rows[0], "line_item_unblended_cost")
		for _, row := range rows[1:] {
			sum = sum.Add(decimal.RequireFromString(row[cost]))
		}
	}
	return sum
}

// totalsAgree: the rows of each dimension, those beyond the top and without a value included, add
// up to the bills, to the last digit.
func totalsAgree(t *testing.T, world string, query func(string, map[string]string) said) {
	t.Helper()
	want := sumOfBills(t, world)
	q, err := queries.Named("cost_by_dimension")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range q.Params {
		for _, by := range p.In {
			sum := decimal.Zero
			for _, row := range query("cost_by_dimension", map[string]string{"by": by, "from": "today-130d", "top": "2"}).Rows {
				sum = sum.Add(decimal.RequireFromString(row["cost"].(string)))
			}
			if !sum.Equal(want) {
				t.Errorf("by %s it is %s, billed are %s", by, sum, want)
			}
		}
	}
}

// questionsAreAnswered asks what docs/QUESTIONS.md asks, and expects what it quotes of the answers.
func questionsAreAnswered(t *testing.T, data string) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/QUESTIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	asked := 0
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 4 || strings.Contains(cells[2], "...") {
			continue
		}
		asked++
		command := strings.Fields(strings.Trim(cells[2], "`"))
		begun := time.Now()
		a := askNamed(t, data, command[0], command[1:]...)
		text := fmt.Sprint(a.Rows)
		t.Logf("%s %d rows in %s", cells[1], len(a.Rows), time.Since(begun).Round(time.Millisecond))
		if len(a.Rows) == 0 {
			t.Errorf("%s has no answer", cells[1])
		}
		for _, q := range quoted.FindAllStringSubmatch(cells[3], -1) {
			if !strings.Contains(text, q[1]) {
				t.Errorf("%s The answer lacks %s: %.600s", cells[1], q[1], text)
			}
		}
	}
	if asked != 20 {
		t.Errorf("%d questions are asked", asked)
	}
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
		for _, r := range query("cost_by_dimension", map[string]string{"by": "account_role"}).Rows {
			out = append(out, r["value"])
		}
		return out
	}
	begun := time.Now()
	set("account", "666622228888", `role=pro'd\uction`, "name=web")
	if got := roles(); !slices.Contains(got, any(`pro'd\uction`)) || time.Since(begun) > 30*time.Second {
		t.Errorf("the roles are %v after %s", got, time.Since(begun))
	}
	set("account", "666622228888", "role=staging")
	if got := roles(); !slices.Contains(got, any("staging")) || len(got) != 4 {
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
	for args, says := range map[string]string{"account 666622228888": "staging", "customer acme": "Acme Ltd"} {
		out, _, err := polo(t, append(append([]string{"meta", "get"}, strings.Fields(args)...), "--data", data)...)
		if err != nil || !strings.Contains(out, says) {
			t.Errorf("meta get %s: %v\n%s", args, err, out)
		}
	}
	out, _, err := polo(t, "meta", "list", "account", "--format", "csv", "--data", data)
	if err != nil || !strings.Contains(out, "666622228888,web,staging,") {
		t.Errorf("meta list: %v\n%s", err, out)
	}
	if _, _, err := polo(t, "meta", "get", "account", "7", "--data", data); err == nil || !strings.Contains(err.Error(), "nothing is known of account") {
		t.Errorf("an unknown account: %v", err)
	}
	set("account", "github:acme", "name=Acme on GitHub")
	if out, _, err := polo(t, "meta", "get", "account", "github:acme", "--data", data, "--format", "csv"); err != nil || !strings.Contains(out, "acme,Acme on GitHub,") || !strings.Contains(out, ",github,") {
		t.Errorf("an account of another platform: %v\n%s", err, out)
	}
	if out, _, err := polo(t, "fx", "set", "usd", "EUR", "2026-01-01", "0.5", "--author", "ada", "--data", data); err != nil || !strings.Contains(out, "set 1 rates") {
		t.Errorf("fx set: %v\n%s", err, out)
	}
	if rates := query("fx_rates", nil).Rows; len(rates) != 1 || rates[0]["currency"] != "USD" || rates[0]["rate"] != "0.5" || rates[0]["author"] != "ada" {
		t.Errorf("the rates are %v", rates)
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

func TestMetaLoadUsage(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{"account":{"1":{"rle":"x","role":""}}}`:    `account "1": account has no field "rle"`,
		`{"customer":{"acme":{"budget":"a lot"}}}`:   `customer "acme": budget: "a lot" is no amount`,
		`{"customer":{"acme":{"budget":4000}}}`:      "reading",
		`{"customers":{"acme":{"budget":"4000"}}}`:   `unknown field "customers"`,
		`{"account":{" ":{"role":"x"}},"customer":{`: "unexpected EOF",
		`{"account":{" ":{"role":"x"}}}`:             "the id is empty",
	} {
		file := filepath.Join(t.TempDir(), "metadata.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := polo(t, "meta", "load", file, "--data", t.TempDir())
		var code cli.Error
		if !errors.As(err, &code) || code.Code != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one of usage that says %q", text, err, says)
		}
	}
}
