package alerts_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"polo/schema/alerts"
)

// TestDescribed: the API's account may run each alert; its answer has the columns that its header declares; and where there are no events it is
// empty, and knows that there is nothing to judge.
func TestDescribed(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now()
	for _, a := range alerts.All() {
		b, err := a.Bind(nil, now)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.reader.Query(ch.Context(t.Context(), ch.WithParameters(b.Parameters)), "DESCRIBE TABLE ("+b.SQL+")")
		if err != nil {
			t.Errorf("%s: %v", a.ID, err)
			continue
		}
		var got, want []string
		for rows.Next() {
			cells := make([]any, len(rows.Columns()))
			for i := range cells {
				cells[i] = new(string)
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			got = append(got, *cells[0].(*string)+" "+lowCardinality.ReplaceAllString(*cells[1].(*string), "$1"))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		for _, c := range a.Columns() {
			want = append(want, c.Name+" "+c.Type)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: columns (-declared +described):\n%s", a.ID, diff)
		}
		if answer := s.answer(t, a, nil, now); len(answer.Rows) > 0 {
			t.Errorf("%s has rows where there are no events: %v", a.ID, answer.Rows)
		}
		if a.Data != "" && s.hasData(t, a) {
			t.Errorf("%s has data where there are no events", a.ID)
		}
	}
}

var lowCardinality = regexp.MustCompile(`LowCardinality\(([^()]+)\)`)

var heading = regexp.MustCompile(`(?m)^#+ (.+)$`)

// TestRunbook: docs/RUNBOOK.md has an entry for each alert.
func TestRunbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		anchors[anchorOf(m[1])] = true
	}
	for _, a := range alerts.All() {
		if !anchors[a.Runbook] {
			t.Errorf("%s: docs/RUNBOOK.md has no entry %s", a.ID, a.Runbook)
		}
	}
}

var dropped = regexp.MustCompile(`[^a-z0-9 -]`)

// anchorOf is the anchor that GitHub gives a heading.
func anchorOf(heading string) string {
	return strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
