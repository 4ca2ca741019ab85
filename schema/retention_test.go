package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema"
)

func TestParseRetention(t *testing.T) {
	for text, want := range map[string]string{
		"activity=400d": "", "metric=1d": "", "cost=93d": "", "resource=31d": "", "all=90d:cold": "",
		"activity":          "is not of the form",
		"activity=400":      "not a number of days",
		"activity=d":        "not a number of days",
		"activity=0d":       "from 1 to 36500",
		"cost=92d":          "from 93 to 36500",
		"resource=30d":      "from 31 to 36500",
		"scan=400d":         "scans and accounts are always kept",
		"activity=40d:cold": "all of them move",
		"all=90d":           "all of them move",
		"all=90d:":          "names no volume",
	} {
		_, err := schema.ParseRetention(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Events of a family are deleted when they are older than its retention, and what is derived from them; others stay.
func TestRetain(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	m := schema.New(s.connect(t), s.target())
	old, young := "2020-01-31 00:00:00.000", "2099-01-01 00:00:00.000"
	for _, ts := range []string{old, young} {
		s.insert(t,
			event("1", "activity.api_call", "arn:a", ts), event("1", "resource.snapshot", "arn:r", ts), scan("1", ts),
			line("1", "x", ts, ts, "1"), event("1", "metric.sampled", "arn:m", ts))
	}
	counts := func() string {
		t.Helper()
		for _, table := range []string{"resource_events", "resource_states", "cost_lines"} {
			s.must(t, s.Users.Migrator, "OPTIMIZE TABLE "+table+" FINAL")
		}
		return strings.Join(s.lines(t, s.Users.Reader, `SELECT kind, n FROM
			(SELECT substring(event_type, 1, position(event_type, '.') - 1) AS kind, count() AS n FROM resource_events GROUP BY kind
			UNION ALL SELECT 'states', count() FROM resource_states UNION ALL SELECT 'lines', count() FROM cost_lines UNION ALL SELECT 'scans', count() FROM scans)
			ORDER BY kind FORMAT CSV`), " ")
	}
	retain := func(want []string, texts ...string) {
		t.Helper()
		var all []schema.Retention
		for _, text := range texts {
			r, err := schema.ParseRetention(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		changed, err := m.Retain(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, changed); diff != "" {
			t.Errorf("%v changed other tables (-want +got):\n%s", texts, diff)
		}
	}
	for _, step := range []struct {
		texts, changed []string
		want           string
	}{
		{nil, nil, `"activity",2 "cost",2 "lines",2 "metric",2 "resource",2 "scan",2 "scans",2 "states",2`},
		{[]string{"activity=400d"}, []string{"resource_events"}, `"activity",1 "cost",2 "lines",2 "metric",2 "resource",2 "scan",2 "scans",2 "states",2`},
		{[]string{"activity=400d"}, nil, `"activity",1 "cost",2 "lines",2 "metric",2 "resource",2 "scan",2 "scans",2 "states",2`},
		{[]string{"cost=400d", "resource=400d"}, []string{"resource_events", "resource_states", "cost_lines"}, `"activity",1 "cost",1 "lines",1 "metric",2 "resource",1 "scan",2 "scans",2 "states",1`},
		{nil, []string{"resource_events", "resource_states", "cost_lines"}, `"activity",1 "cost",1 "lines",1 "metric",2 "resource",1 "scan",2 "scans",2 "states",1`},
	} {
		retain(step.changed, step.texts...)
		if got := counts(); got != step.want {
			t.Errorf("after %v: %s, want %s", step.texts, got, step.want)
		}
	}
	if err := schema.Check(t.Context(), s.connect(t), s.target()); err != nil {
		t.Error(err)
	}
}
