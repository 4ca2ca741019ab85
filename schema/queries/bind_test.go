package queries_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/schema/queries"
)

var bound = `-- title: Title
-- group: cost
-- text: What it answers.
-- param: from Date32 | default month-1m | min 2000-01-01 | max today+400d | First day
-- param: until Date32 | default month | min 2000-01-01 | max today+400d | Last day
-- period: from until 100
-- param: at DateTime64(3, 'UTC') | default now-1h | min 2000-01-01 | max now | Time
-- param: n UInt8 | default 3 | min 1 | max 200 | Number
-- param: i Int16 | default -3 | min -300 | max 300 | Number
-- param: d Decimal(9, 2) | default 1.50 | min 0 | max 1000000 | Decimal
-- param: yes Bool | default false | Flag
-- param: text String | max 5 | Text
-- param: id String | default a1 | pattern [a-z][0-9] | Identifier
-- param: by String | default a | Dimension
-- choice: by a | account_id
-- choice: by b | region
-- param: list Array(String) | max 4 | items 2 | List
-- param: needed String | required | min 1 | Needed
-- rows: 10 100
-- cache: 60
-- column: value String | The value

SELECT {{by}} AS value WHERE {from:Date32} < {until:Date32} AND {at:DateTime64(3, 'UTC')} > 0 AND {n:UInt8} AND {i:Int16} AND {d:Decimal(9, 2)} AND {yes:Bool}
    AND {text:String} AND {id:String} AND {list:Array(String)} AND {needed:String}
LIMIT {limit:UInt32} + 1
`

func TestBind(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 10, 30, 0, 5e6, time.FixedZone("", 3600))
	for _, c := range []struct {
		name, param, value string
		// want is the value in ClickHouse's form; refused, a part of the error.
		want, refused string
	}{
		{"a default month", "from", "", "2026-02-01", ""},
		{"a date", "from", "2026-02-28", "2026-02-28", ""},
		{"days", "from", "today-31d", "2026-02-28", ""},
		{"a month that is shorter", "from", "today-1m", "2026-02-28", ""},
		{"a month and a day that do not exist", "from", "2026-13-45", "", "is no date"},
		{"a day that does not exist", "from", "2026-02-30", "", "is no date"},
		{"a date in another form", "from", "1.2.2026", "", "is no date"},
		{"a date with a time", "from", "2026-02-01 00:00:00", "", "is no date"},
		{"a date too early", "from", "1999-12-31", "", "is before 2000-01-01"},
		{"a date too late", "from", "2027-12-31", "", "is after 2027-05-05"},
		{"a period too long", "from", "2025-01-01", "", "days after from, and the most is 100"},
		{"a period without days", "from", "2026-03-01", "", "is not after from"},
		{"a time by default", "at", "", "2026-03-31 08:30:00.005", ""},
		{"a time in a zone", "at", "2026-03-31T08:00:00+02:00", "2026-03-31 06:00:00.000", ""},
		{"a time without one", "at", "2026-03-31 08:00:00", "2026-03-31 08:00:00.000", ""},
		{"a time to come", "at", "now+1h", "", "is after"},
		{"no time", "at", "noon", "", "is no time"},
		{"a number", "n", "200", "200", ""},
		{"a number beyond its type", "n", "300", "", "is not from 1 to 200"},
		{"a number that wraps", "n", "18446744073709551617", "", "is not from 1 to 200"},
		{"a number below", "n", "0", "", "is not from 1 to 200"},
		{"no number", "n", "1e2", "", "is no whole number"},
		{"half a number", "n", "1.5", "", "is no whole number"},
		{"SQL for a number", "n", "1 OR 1=1", "", "is no whole number"},
		{"a number below zero", "i", "-300", "-300", ""},
		{"a decimal", "d", "0.25", "0.25", ""},
		{"a decimal with more zeros", "d", "0.2500", "0.25", ""},
		{"a decimal too fine", "d", "0.255", "", "more than 2 digits"},
		{"a decimal with an exponent", "d", "1e-2", "", "is no plain decimal"},
		{"a flag", "yes", "true", "true", ""},
		{"no flag", "yes", "1", "", "neither true nor false"},
		{"a text", "text", "ünïcø", "ünïcø", ""},
		{"a text too long", "text", "abcdef", "", "longer than 5"},
		{"a text that is none", "text", "\xff", "", "UTF-8"},
		{"a text with a NUL", "text", "a\x00b", "", "NUL"},
		{"a text with a backslash", "text", `a\n`, `a\\n`, ""},
		{"an identifier", "id", "z9", "z9", ""},
		{"an identifier with more", "id", "z9; DROP", "", "does not match"},
		{"a choice", "by", "b", "b", ""},
		{"no choice", "by", "c", "", "is none of a, b"},
		{"SQL for a choice", "by", "account_id", "", "is none of a, b"},
		{"an empty list", "list", "", "[]", ""},
		{"a list", "list", "a,b'c", `['a','b\'c']`, ""},
		{"a list in JSON", "list", `["a,b"]`, "['a,b']", ""},
		{"no list in JSON", "list", "[a]", "", "no JSON array"},
		{"a null in a list", "list", `["a",null]`, "", "it has a null"},
		{"a list too long", "list", "a,b,c", "", "has 3 values, and the most is 2"},
		{"a list with an item too long", "list", "abcde", "", "longer than 4"},
		{"the limit", "limit", "100", "100", ""},
		{"a limit too high", "limit", "101", "", "is not from 1 to 100"},
		{"an empty value that is needed", "needed", "", "", "shorter than 1"},
		{"an unknown parameter", "form", "x", "", "there is none of that name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all, err := load(bound, filter)
			if err != nil {
				t.Fatal(err)
			}
			values := map[string]string{"needed": "x"}
			if c.value != "" || c.param == "needed" || c.param == "list" {
				values[c.param] = c.value
			}
			b, err := all[0].Bind(values, now)
			if c.refused == "" {
				if got := b.Parameters[c.param]; err != nil || got != c.want {
					t.Errorf("%s, %v, want %s", got, err, c.want)
				}
				return
			}
			if fault := (*queries.ParamError)(nil); !errors.As(err, &fault) || !strings.Contains(err.Error(), c.refused) || !strings.HasPrefix(err.Error(), "q: parameter ") {
				t.Errorf("error %v does not say %q", err, c.refused)
			}
		})
	}
}

// Binding reports every fault at once, and puts no value into the text.
func TestBindReportsAllAndPastesNothing(t *testing.T) {
	t.Parallel()
	all, err := load(bound, filter)
	if err != nil {
		t.Fatal(err)
	}
	_, err = all[0].Bind(map[string]string{"n": "300", "text": "too long a text", "x": "1"}, time.Now())
	for _, part := range []string{"parameter n:", "parameter text:", "parameter x:", "parameter needed: it is required"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v lacks %q", err, part)
		}
	}
	b, err := all[0].Bind(map[string]string{"text": "marrr", "needed": "marrr", "list": "marr", "by": "b"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.SQL, "marr") || strings.Contains(b.SQL, "{{") || !strings.Contains(b.SQL, "SELECT region AS value") {
		t.Errorf("the SQL is %s", b.SQL)
	}
	if b.Limit != 10 {
		t.Errorf("the limit is %d", b.Limit)
	}
}

// A filter without a value is not in the SQL, so that its column is not read; a label is that of the choice.
func TestBindLeavesOutFilters(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("{{by}} AS value", "{{by}} AS value, {{by.label}} AS label", "by a | account_id", "by a | account_id | upper(value)", " AND {text:String}", "[[AND a = {text:String}]]",
		" AND {list:Array(String)}", "\n    [[AND has({list:Array(String)}, b) AND c = {text:String}]] [[AND has({list:Array(String)}, d)]]").Replace(bound)
	all, err := load(text, filter)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		values   map[string]string
		has, not []string
	}{
		{map[string]string{}, []string{"account_id AS value, upper(value) AS label"}, []string{"a = ", "has(", "[["}},
		{map[string]string{"by": "b"}, []string{"region AS value, '' AS label"}, nil},
		{map[string]string{"text": "x"}, []string{"AND a = {text:String}"}, []string{"has(", "[[", "]]"}},
		{map[string]string{"list": "x"}, []string{"AND has({list:Array(String)}, d)"}, []string{"c = ", "a = "}},
		{map[string]string{"list": "x", "text": "y"}, []string{"AND has({list:Array(String)}, b) AND c = {text:String} AND has({list:Array(String)}, d)"}, []string{"[[", "]]"}},
	} {
		c.values["needed"] = "n"
		b, err := all[0].Bind(c.values, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range c.has {
			if !strings.Contains(b.SQL, part) {
				t.Errorf("%v: the SQL lacks %q: %s", c.values, part, b.SQL)
			}
		}
		for _, part := range c.not {
			if strings.Contains(b.SQL, part) {
				t.Errorf("%v: %q is in the SQL: %s", c.values, part, b.SQL)
			}
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	_, err := queries.Named("cost_by_tags")
	if unknown := (*queries.UnknownError)(nil); !errors.As(err, &unknown) || !slices.Contains(unknown.Near, "cost_by_tag") {
		t.Errorf("error %v does not name cost_by_tag", err)
	}
	names := map[string]int{}
	for _, q := range queries.All() {
		names[q.Group]++
	}
	if diff := cmp.Diff(queries.Groups(), slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return slices.Index(queries.Groups(), a) - slices.Index(queries.Groups(), b)
	})); diff != "" {
		t.Error(diff)
	}
}

// TestBindRefusesFiltersWithoutEffect: a value that nothing reads would answer another question than was asked.
func TestBindRefusesFiltersWithoutEffect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values map[string]string
		fault  string
	}{
		{map[string]string{"tag": "team"}, ""},
		{map[string]string{"tag": "team", "tag_value": "a"}, ""},
		{map[string]string{"tag_value": ""}, ""},
		{map[string]string{"tag_value": "a"}, "parameter tag_value: it does nothing without tag"},
		{map[string]string{"property_value": "a", "tag": "team"}, "parameter property_value: it does nothing without property"},
	} {
		q, err := queries.Named("resource_list")
		if err != nil {
			t.Fatal(err)
		}
		_, err = q.Bind(c.values, time.Now())
		if got := fmt.Sprint(err); (c.fault == "") != (err == nil) || !strings.Contains(got, c.fault) {
			t.Errorf("%v: %s; want %q", c.values, got, c.fault)
		}
	}
}
