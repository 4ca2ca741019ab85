package alerts_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"polo/schema/alerts"
)

const good = `-- title: T
-- text: W
-- severity: low
-- runbook: coverage-gaps
-- for: 2
-- keep_firing: 0
-- group_by: a
-- repeat: 24h
-- no_data: alert
-- rows: 10 20
-- param: n UInt8 | default 1 | A number
-- label: a String | A
-- column: v UInt8 | V
-- data: SELECT 1 = 1
-- data: AND true

SELECT 'x' AS a, {n:UInt8} AS v, 'wrong' AS verdict
LIMIT {limit:UInt32} + 1
`

func TestLoad(t *testing.T) {
	t.Parallel()
	all, err := alerts.Load(fstest.MapFS{"one.sql": {Data: []byte(good)}})
	if err != nil {
		t.Fatal(err)
	}
	a := all[0]
	if a.ID != "one" || a.For != 2 || a.KeepFiring != 0 || a.Repeat != 24*time.Hour || !a.NoData || a.Data != "SELECT 1 = 1 AND true" {
		t.Errorf("%+v", a)
	}
	b, err := a.Bind(map[string]string{"n": "3"}, time.Now())
	if err != nil || b.Limit != 10 || b.Parameters["n"] != "3" || len(b.Query.Columns) != 3 {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := a.Bind(map[string]string{"n": "300"}, time.Now()); err == nil || !strings.Contains(err.Error(), "one: parameter n") {
		t.Errorf("a value out of bounds: %v", err)
	}
}

// TestFaults: a file that could not be evaluated is refused.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, says string }{
		{"-- severity: low", "-- severity: mild", "none of critical"},
		{"-- severity: low", "-- severity: low\n-- severity: high", "severity: it stands twice"},
		{"-- severity: low\n", "", `has no "severity"`},
		{"-- runbook: coverage-gaps\n", "", `has no "runbook"`},
		{"coverage-gaps", "Coverage gaps", "anchor"},
		{"-- for: 2", "-- for: 0", "no number from 1"},
		{"-- for: 2\n", "", `has no "for"`},
		{"keep_firing: 0", "keep_firing: -1", "no number from 0"},
		{"keep_firing: 0", "keep_firing: many", "no number from 0"},
		{"-- group_by: a", "-- group_by: v", "no label"},
		{"-- group_by: a", "-- group_by: a, a", "stands twice"},
		{"-- repeat: 24h", "-- repeat: 24", "repeat"},
		{"-- repeat: 24h", "-- repeat: 1s", "shorter than"},
		{"-- no_data: alert", "-- no_data: yes", "none of ok, alert"},
		{"-- data: SELECT 1 = 1\n-- data: AND true\n", "", "no data says"},
		{"SELECT 1 = 1", "SELECT {n:UInt8} = 1", "has parameters"},
		{"SELECT 1 = 1", "DROP TABLE x", "no SELECT"},
		{"-- rows: 10 20\n", "", `has no "rows"`},
		{"LIMIT {limit:UInt32} + 1", "LIMIT {limit:UInt32}", "does not end with"},
		{"label: a String", "label: a UInt8", "labels are texts"},
		{"label: a String | A", "label: a String", "what it is"},
		{"label: a String", "label: condition String", "no label is called condition"},
		{"label: a String | A", "label: a String | A\n-- label: v String | V", "two columns are called v"},
		{"-- label: a String | A\n", "", "nothing identifies"},
		{"column: v UInt8", "column: verdict String", "two columns are called verdict"},
		{"-- column", "-- cache: 3\n-- column", `unknown key "cache"`},
		{"{n:UInt8}", "{m:UInt8}", "not declared"},
	} {
		_, err := alerts.Load(fstest.MapFS{"r.sql": {Data: []byte(strings.Replace(good, c.old, c.new, 1))}})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s instead of %s: %v, want one that says %q", c.new, c.old, err, c.says)
		}
	}
}

// TestCatalogue: the catalogue has what the dashboard shows of each alert, and the dashboard's file is it.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	text, err := alerts.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../worker/app/alerts.json"
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // a part of the sources
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != string(text) {
		t.Errorf("%s differs from the headers (%v); go test ./schema/alerts -run TestCatalogue -update rewrites it", file, err)
	}
	var all []map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(alerts.All()) {
		t.Fatalf("%d of %d alerts", len(all), len(alerts.All()))
	}
	for i, a := range alerts.All() {
		for _, key := range []string{"id", "title", "severity", "text", "sql", "for", "keep_firing", "group_by", "repeat", "labels", "values", "params", "runbook"} {
			if all[i][key] == nil {
				t.Errorf("%s lacks %s", a.ID, key)
			}
		}
		if all[i]["id"] != a.ID || all[i]["repeat"] != a.Repeat.Seconds() {
			t.Errorf("%v is not %+v", all[i], a)
		}
	}
}
