package queries_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/schema/queries"
)

// hold compares a file with what it should hold; with -update it is rewritten.
func hold(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; with -update it is rewritten (-want +got):\n%s", file, diff)
	}
}

// TestCatalogue holds the Worker's catalogue to the headers.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	want, err := queries.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	hold(t, "../../worker/src/catalogue.json", want)
}

// boundCase is values of a query's parameters, and what Bind makes of them.
type boundCase struct {
	Query  string            `json:"query"`
	Values map[string]string `json:"values"`
	Now    time.Time         `json:"now"`

	// SQL is the SHA-256 of the statement, in hexadecimal.
	SQL        string            `json:"sql,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
	Said       map[string]any    `json:"said,omitempty"`
	Limit      int               `json:"limit,omitempty"`
	// Faults are the names of the parameters that are refused.
	Faults []string `json:"faults,omitempty"`
}

// boundFile names the file that TestBoundCases writes.
const boundFile = "POLO_BOUND_CASES"

// TestBoundCases writes what Bind does with thousands of values, which the tests of the Worker hold its binding to.
func TestBoundCases(t *testing.T) {
	t.Parallel()
	now := time.Date(2028, 3, 31, 23, 59, 59, 987_000_000, time.UTC)
	cases := []boundCase{}
	add := func(query string, values map[string]string) {
		q, err := queries.Named(query)
		if err != nil {
			t.Fatal(err)
		}
		c := boundCase{Query: query, Values: values, Now: now}
		b, err := q.Bind(values, now)
		if err == nil {
			sum := sha256.Sum256([]byte(b.SQL))
			c.SQL, c.Parameters, c.Said, c.Limit = hex.EncodeToString(sum[:]), b.Parameters, b.Values, b.Limit
		} else {
			c.Faults = faultsOf(t, err)
		}
		cases = append(cases, c)
	}
	nasty := []string{
		"", "0", "1", "-1", "+1", "01", "1.5", "1e3", "300", "256", "65536", "4294967296", "18446744073709551616", "NaN", "0x10", " 1", "1 ", "１",
		"true", "false", "TRUE", "2026-13-45", "2026-02-30", "2028-02-29", "2027-02-29", "2026-2-3", "0000-00-00", "9999-12-31", "today", "today-30d", "today+1d",
		"month", "month-1m", "month+1m", "now", "now-24h", "now-25h", "today-1m", "now-1m", "now+1m", "today-99999d", "today-100000d", "today - 1d", "2026-01-31T08:00:00Z",
		"2026-01-31T08:00:00+02:00", "2026-01-31 08:00:00", "2026-01-31T08:00:00.123Z", "2026-01-31T24:00:00Z", "2026-01-31t08:00:00z", "2026-01-31T08:00:00",
		"2026-01-31 8:00:00", "2026-01-31 08:00:00,5", "2026-01-31T08:00:00.1234567891Z", "2026-01-31T08:00:00+25:00", "2026-01-31T08:00:00+00:61",
		"a", "a,b", "a,,b", ",", `["a,b"]`, `["a"`, `[1]`, `["a",null]`, `[]`, `[["a"]]`, `["a"] x`, "tab\there", "line\nfeed", "cr\rhere", `back\slash`, `'quote'`, `\'`, "{limit:UInt32}",
		"{{by}}", "[[x]]", "$&", "$1", "%", "'; DROP TABLE x; --", "\x00", "nul\x00", "\u2028", "\U0001F600", strings.Repeat("x", 1000), strings.Repeat("x", 1001),
		strings.Repeat("\U0001F600", 1000), strings.Repeat("a,", 300), "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "open", "service", "SERVICE", "100.00", "100.005",
		"99999999999999999999999999999999999999", "100000000000000000000000000000000000000", "0.00000000000000000000000000000000000001", "-0", "-0.0", "00012.300",
	}
	for _, q := range queries.All() {
		required := map[string]string{}
		for _, p := range q.Params {
			if p.Required {
				required[p.Name] = "arn:aws:ec2:us-east-1:111122223333:instance/i-1"
				if p.Type == "Date32" {
					required[p.Name] = "today"
				}
			}
		}
		add(q.Name, map[string]string{})
		add(q.Name, required)
		add(q.Name, with(required, "no_such", "1"))
		for _, p := range q.Params {
			for _, v := range p.In {
				add(q.Name, with(required, p.Name, v))
			}
		}
	}
	// Each type of parameter, with every value that has gone wrong anywhere.
	seen := map[string]bool{}
	for _, q := range queries.All() {
		for _, p := range q.Params {
			kind := p.Type + p.Min + p.Max + p.Pattern + strings.Join(p.In, ",")
			if seen[kind] {
				continue
			}
			seen[kind] = true
			for _, v := range nasty {
				add(q.Name, map[string]string{p.Name: v})
			}
		}
	}
	for _, period := range [][2]string{{"2028-01-01", "2028-01-01"}, {"2028-01-02", "2028-01-01"}, {"2028-01-01", "2028-01-02"}, {"2020-01-01", "2028-03-31"}, {"month-1m", "month"}} {
		add("cost_by_dimension", map[string]string{"from": period[0], "until": period[1]})
	}
	add("resource_list", map[string]string{"tag_value": "a"})
	add("resource_list", map[string]string{"tag": "team", "property_value": "a"})
	add("resource_list", map[string]string{"tag": "team", "tag_value": "a", "property": "p", "property_value": "v"})
	slices.SortStableFunc(cases, func(a, b boundCase) int { return strings.Compare(a.Query, b.Query) })
	var out strings.Builder
	out.WriteString("[\n")
	for i, c := range cases {
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
		out.WriteString(map[bool]string{true: ",\n", false: "\n]\n"}[i < len(cases)-1])
	}
	t.Logf("%d cases", len(cases))
	if file := os.Getenv(boundFile); file != "" {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// with returns values and one more.
func with(values map[string]string, name, value string) map[string]string {
	out := maps.Clone(values)
	out[name] = value
	return out
}

// faultsOf returns the names of the parameters that an error of Bind tells of.
func faultsOf(t *testing.T, err error) []string {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("not a joined error: %v", err)
	}
	var out []string
	for _, err := range joined.Unwrap() {
		var p *queries.ParamError
		if !errors.As(err, &p) {
			t.Fatalf("no *ParamError: %v", err)
		}
		out = append(out, p.Param)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
