package queries_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"polo/schema/queries"
)

// sound is a query without a fault.
const sound = `-- title: Title
-- group: cost
-- text: What it answers.
-- param: from Date32 | default today-30d | min 2000-01-01 | max today | First day
-- param: until Date32 | default today | min 2000-01-01 | max today | Last day
-- period: from until 100
-- param: by String | default a | Dimension
-- choice: by a | account_id
-- choice: by b | region
-- use: filter
-- rows: 10 100
-- cache: 60
-- column: value String | The value
-- column: cost Decimal(76, 38) | currency | Cost

SELECT {{by}} AS value, sum(cost) AS cost FROM polo.cost_daily WHERE day >= {from:Date32} AND day < {until:Date32} AND {{filter}} GROUP BY value
LIMIT {limit:UInt32} + 1
`

const filter = `-- param: n UInt8 | default 3 | min 1 | max 9 | A number

(lines > {n:UInt8})
`

func load(query, include string) ([]queries.Query, error) {
	return queries.Load(fstest.MapFS{"q.sql": {Data: []byte(query)}, "include/filter.sql": {Data: []byte(include)}})
}

func TestParse(t *testing.T) {
	t.Parallel()
	all, err := load(sound, filter)
	if err != nil {
		t.Fatal(err)
	}
	q := all[0]
	if q.Name != "q" || q.Title != "Title" || q.Rows != 10 || q.MaxRows != 100 || q.Cache.Seconds() != 60 || len(q.Params) != 5 || len(q.Columns) != 2 || q.Columns[1].Unit != "currency" {
		t.Errorf("it is parsed as %+v", q)
	}
	if !strings.Contains(q.SQL, "AND (lines > {n:UInt8}) GROUP") {
		t.Errorf("the include is not in %s", q.SQL)
	}
}

// Every fault of a file is found, and says where it is.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, was, is, says string }{
		{"an unknown key", "-- cache: 60", "-- cache: 60\n-- colour: red", `unknown key "colour"`},
		{"a key twice", "-- cache: 60", "-- cache: 60\n-- cache: 61", `two lines "cache"`},
		{"a key missing", "-- cache: 60\n", "", `no "cache"`},
		{"no header line", "-- cache: 60", "-- cache: 60\nSELECT 1", `"SELECT 1" is no line of a header`},
		{"no such group", "-- group: cost", "-- group: money", `no group "money"`},
		{"a parameter not declared", "day >=", "{x:UInt8} AND day >=", "x, which is not declared"},
		{"a parameter not used", "-- cache", "-- param: x UInt8 | default 1 | X\n-- cache", "x is declared and not used"},
		{"a parameter of another type", "{from:Date32}", "{from:Date}", "from as Date, and it is declared as Date32"},
		{"a parameter twice", "-- cache", "-- param: from Date32 | default today | min today | max today | X\n-- cache", "from has no description, is declared twice"},
		{"a parameter without a description", "-- param: by String | default a | Dimension", "-- param: by String", "by has no description"},
		{"an unknown field", "| default a | Dimension", "| default a | least 3 | Dimension", `unknown field "least 3"`},
		{"no default", "| default a | Dimension", "| Dimension", "by: its default"},
		{"a default out of bounds", "default today-30d", "default 1999-12-31", `from: its default: "1999-12-31" is before`},
		{"a default that is no choice", "default a |", "default c |", "its default"},
		{"a default in another type", "default today-30d", "default soon", "is no date"},
		{"required with a default", "| default a | Dimension", "| default a | required | Dimension", "required and has a default"},
		{"an unknown type", "from Date32 |", "from Datum |", "unknown type Datum"},
		{"a date without bounds", "| min 2000-01-01 | max today | First", "| First", "a date has a min and a max"},
		{"a choice of nothing", "-- choice: by b | region", "-- choice: on b | region", "choice"},
		{"a text without choices", "{{by}}", "{{n}}", "{{n}}, which has no choices"},
		{"an optional part that stands always", "AND {{filter}}", "[[AND {{filter}}]]", "names no parameter that may be empty"},
		{"a choice of too much", "-- choice: by b | region", "-- choice: by b | region | '' | ''", "choice"},
		{"an include with a parameter that it does not have", "{{filter}}", "{{filter at=from}}", `with "" and not "at"`},
		{"an optional part that ends too soon", "AND {{filter}}", "[[AND a[b[1]] = {by:String}]]", "which is within it"},
		{"a parameter of an include in a query", "-- cache: 60", "-- cache: 60\n-- with: at", "in an include only"},
		{"an include that is not there", "-- use: filter", "-- use: filters", "use: open include/filters.sql"},
		{"an include not used", " AND {{filter}}", "", "does not use {{filter}}"},
		{"no limit", "\nLIMIT {limit:UInt32} + 1", "", "does not end with"},
		{"rows that are none", "-- rows: 10 100", "-- rows: ten 100", `"ten" is no positive number`},
		{"more rows than the most", "-- rows: 10 100", "-- rows: 1000 100", "limit: its default"},
		{"a period that ends before it begins", "default today |", "default today-40d |", "the defaults"},
		{"a period of no dates", "-- period: from until 100", "-- period: from by 100", "by is no parameter"},
		{"a column without a description", "-- column: value String | The value", "-- column: value String", "value has no description"},
	} {
		if !strings.Contains(sound, c.was) {
			t.Fatalf("%s: the file has no %q", c.name, c.was)
		}
		if _, err := load(strings.Replace(sound, c.was, c.is, 1), filter); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "q.sql: ") {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.says)
		}
	}
	for is, says := range map[string]string{"UInt8 | default 300 | min 1": "its default", "UInt8 | default 3 | min -1": "does not fit UInt8"} {
		if _, err := load(sound, strings.Replace(filter, "UInt8 | default 3 | min 1", is, 1)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v does not say %q", is, err, says)
		}
	}
}

// Money is never without its currency, whether it is an estimate, and whether it is whole. Anomalies say the second with
// provisional, and are only judged on days that are whole.
func TestMoneyIsMarked(t *testing.T) {
	t.Parallel()
	for _, q := range queries.All() {
		has := map[string]bool{}
		money := false
		for _, c := range q.Columns {
			has[c.Name] = true
			money = money || c.Unit == "currency"
			if c.Unit == "currency" && !strings.Contains(c.Type, "Decimal(76, 38)") {
				t.Errorf("%s: %s is money and a %s", q.Name, c.Name, c.Type)
			}
		}
		if money && (!has["currency"] || !has["provisional"] && (!has["estimated_lines"] || !has["partial_lines"])) {
			t.Errorf("%s has money without currency, and without provisional or estimated_lines and partial_lines", q.Name)
		}
	}
}

// The SQL of a query selects from the database polo, and from nothing else.
func TestQueriesReadPolo(t *testing.T) {
	t.Parallel()
	table := regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+([a-z_][\w.]*)`)
	names, err := fs.Glob(os.DirFS("."), "*.sql")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d queries, %v", len(names), err)
	}
	for _, q := range queries.All() {
		for _, m := range table.FindAllStringSubmatch(q.SQL, -1) {
			if !strings.HasPrefix(m[1], "polo.") && !regexp.MustCompile(`\b`+m[1]+` AS\b`).MatchString(q.SQL) {
				t.Errorf("%s reads %s", q.Name, m[1])
			}
		}
	}
}
