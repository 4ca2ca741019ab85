package alerts_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/schema/alerts"
	"polo/schema/queries"
)

var update = flag.Bool("update", false, "rewrite docs/ALERTS_CATALOGUE.md")

const doc = "../../docs/ALERTS_CATALOGUE.md"

const docHead = `# The alerts

<!-- Made of the headers in schema/alerts by go test ./schema/alerts -run TestDoc -update. -->

An alert is a query that returns a row for each thing that is wrong. Its labels identify the thing: an episode is an alert and labels, from the first
evaluation that fires to the end. A row is **wrong** or **unknown**: what it rests on was not read to its end, or is an estimate; an unknown row neither fires nor resolves. An alert whose
query fails, or whose answer was cut, resolves nothing either.

- *fires after N*: so many evaluations in a row, one every five minutes, find it before it fires.
- *resolved after N*: so many evaluations in a row do not find it before it is resolved.
- *told together by*: episodes that are equal in these labels are one message.
- *nothing to judge*: whether it is told that there are no data to judge by.

The alerts are files, ` + "`schema/alerts/*.sql`" + `; [their README](../schema/alerts/README.md) says how to add one.

| alert | severity | |
|---|---|---|
`

// TestDoc holds the document to the headers.
func TestDoc(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(docHead)
	for _, a := range alerts.All() {
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %s | %s |\n", a.ID, a.Severity, a.Title)
	}
	for _, a := range alerts.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s (%s). %s\n\n", a.ID, a.Title, a.Severity, a.Text)
		fmt.Fprintf(&b, "- fires after %d, resolved after %d; a reminder every %s; told together by %s\n", a.For, a.KeepFiring+1, hours(a.Repeat), strings.Join(a.GroupBy, ", "))
		fmt.Fprintf(&b, "- what to do: [runbook](RUNBOOK.md#%s)%s; nothing to judge: %s\n", a.Runbook, map[bool]string{true: "; hint for routes: " + a.Route}[a.Route != ""], map[bool]string{true: "told", false: "not told"}[a.NoData])
		for _, p := range a.Params {
			fmt.Fprintf(&b, "- parameter `%s` (%s): %s; %s\n", p.Name, p.Type, p.Text, p.Bounds())
		}
		columns(&b, "label", a.Labels)
		columns(&b, "value", a.Values)
	}
	if *update {
		if err := os.WriteFile(doc, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(got)); diff != "" {
		t.Errorf("%s differs; with -update it is rewritten (-want +got):\n%s", doc, diff)
	}
}

func columns(b *strings.Builder, what string, all []queries.Column) {
	for _, c := range all {
		fmt.Fprintf(b, "- %s `%s`%s: %s\n", what, c.Name, map[bool]string{true: " (" + c.Unit + ")"}[c.Unit != ""], c.Text)
	}
}

// hours writes a time without the minutes and seconds that are none.
func hours(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}
