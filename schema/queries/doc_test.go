package queries_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema/queries"
)

var update = flag.Bool("update", false, "rewrite docs/QUERIES.md")

const doc = "../../docs/QUERIES.md"

const docHead = `# The named queries

<!-- Made of the headers in schema/queries by go test ./schema/queries -run TestDoc -update. -->

` + "`polo query NAME --param k=v`" + ` runs one, ` + "`polo query --list`" + ` lists them, ` + "`polo query NAME --explain`" + ` prints all of one, its SQL too. They are files,
` + "`schema/queries/*.sql`" + `, that any program may run; [their README](../schema/queries/README.md) describes the headers.

- Values are checked against the bounds below before ClickHouse sees them, and reach it as parameters, never as a part of a text. Every fault is
  reported at once. A list is values between commas, or a JSON array; an empty one filters nothing.
- Dates and times are UTC. They may be relative: ` + "`today-30d`, `month-1m` (the first day of last month), `now-24h`" + `. A period ends before its last date.
- Costs of several currencies are never added: a row has one currency. ` + "`estimated_lines`" + ` above 0 means that the cost may still change, ` + "`partial_lines`" + ` above 0 that the bill
  is not whole. Money is exact: ` + "`Decimal(76, 38)`" + `, a string in JSON.
- ` + "`(none)`" + ` is what has no value in a dimension, ` + "`(other)`" + ` what is beyond ` + "`top`" + `; with both, the rows of a currency add up to all of its cost. ` + "`kind`" + ` tells them from values
  that are spelt like them.
- Every query has ` + "`limit`" + `: its default and its most are below. An answer with more rows says so.
- Roles of accounts and tiers of customers are those of the present: ` + "`polo meta set account 012345678901 role=production`" + `, ` + "`polo meta set customer acme tier=gold`" + `. The next
  query has them; no event is rewritten.
- Each payer's day counts from one source: the bill where it has lines of that day, else Cost Explorer, which says the same money; ` + "`cost_sources`" + ` compares them.

`

// TestDoc holds docs/QUERIES.md to the headers.
func TestDoc(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(docHead)
	for _, group := range queries.Groups() {
		fmt.Fprintf(&b, "- **%s**:", group)
		for i, q := range queries.All() {
			if q.Group == group {
				fmt.Fprintf(&b, "%s [%s](#%s)", map[bool]string{true: ","}[i > 0 && queries.All()[i-1].Group == group], q.Name, q.Name)
			}
		}
		b.WriteString("\n")
	}
	for _, q := range queries.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s (%s). %s\n\n| parameter | type | values | |\n|---|---|---|---|\n", q.Name, q.Title, q.Group, q.Text)
		var filters []string
		for i, p := range q.Params {
			if p.Items > 0 && p.In == nil {
				filters = append(filters, "`"+p.Name+"`")
				if next := q.Params[i+1]; next.Items == 0 || next.In != nil { // limit is the last
					fmt.Fprintf(&b, "| %s | %s | lists; default empty | Only what has one of the values; (none) is what has none |\n", strings.Join(filters, ", "), p.Type)
				}
				continue
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Name, p.Type, p.Bounds(), p.Text)
		}
		b.WriteString("\n| column | type | unit | |\n|---|---|---|---|\n")
		for _, c := range q.Columns {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, c.Type, c.Unit, c.Text)
		}
		fmt.Fprintf(&b, "\nMay be kept for %d s.\n", int(q.Cache.Seconds()))
	}
	b.WriteString(focus(t))
	want := b.String()
	if *update {
		if err := os.WriteFile(doc, []byte(want), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s differs; with -update it is rewritten (-want +got):\n%s", doc, diff)
	}
}

// focus is the table of the use cases of FOCUS; each names queries that there are, or none and why.
func focus(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("focus.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\n## The use cases of FOCUS\n\nThe FinOps Foundation's use cases for FOCUS 1.0 to 1.2 (focus.finops.org/use-cases), and which query answers each, for bills of CUR, CUR 2.0 and FOCUS alike.\n\n" +
		"| use case | query | how |\n|---|---|---|\n")
	answered, partly, all := 0, 0, 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), " | ")
		if len(fields) != 3 {
			t.Fatalf("focus.txt: %q has not three fields", line)
		}
		all++
		names := "not answered"
		if fields[1] != "-" {
			if strings.HasPrefix(fields[2], "partly: ") {
				partly++
			} else {
				answered++
			}
			var links []string
			for _, name := range strings.Split(fields[1], ", ") {
				if _, err := queries.Named(name); err != nil {
					t.Errorf("focus.txt: %v", err)
				}
				links = append(links, "["+name+"](#"+name+")")
			}
			names = strings.Join(links, ", ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", fields[0], names, fields[2])
	}
	fmt.Fprintf(&b, "\nOf %d, %d are answered and %d partly.\n", all, answered, partly)
	return b.String()
}
