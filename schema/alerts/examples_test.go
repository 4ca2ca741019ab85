package alerts_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"polo/schema/alerts"
	"polo/schema/queries"
)

// example is what happened, step by step, and what an alert answers after each.
type example struct {
	Name string
	// Values are those of parameters.
	Values map[string]string
	Steps  []step
}

type step struct {
	// SQL is what somebody said by hand.
	SQL    []string
	Events []happening
	// Answer has each row's verdict, labels and values in Shows.
	Answer []string
	// Shows are columns of the answer that are compared beside the labels.
	Shows []string
}

// happening is a row of resource_events, and those like it at other times. In its texts TODAY, NOW and the like,
// with +, - and a number of d, h, m or s, stand for times.
type happening struct {
	// Times is how many there are, the ts of each Every before the one above it.
	Times int
	Every string
	// Row has its columns. Without an event_id, it has one of its own.
	Row map[string]any
}

// kinds are the kinds of examples, and what the last answer of one says.
var kinds = map[string]func(verdicts []string) bool{
	"firing":  func(verdicts []string) bool { return slices.Contains(verdicts, alerts.Wrong) },
	"quiet":   func(verdicts []string) bool { return len(verdicts) == 0 },
	"unknown": func(verdicts []string) bool { return len(verdicts) > 0 && !slices.Contains(verdicts, alerts.Wrong) },
}

// TestExamples: each alert fires where it should, and is quiet where it should.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, a := range alerts.All() {
		text, err := os.ReadFile("testdata/" + a.ID + ".json")
		if err != nil {
			t.Errorf("%s has no examples: %v", a.ID, err)
			continue
		}
		var all map[string][]example
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatalf("%s: %v", a.ID, err)
		}
		for _, kind := range []string{"firing", "quiet"} {
			if len(all[kind]) == 0 {
				t.Errorf("%s has no example that is %s", a.ID, kind)
			}
		}
		for kind := range all {
			if kinds[kind] == nil {
				t.Fatalf("%s: no kind of example is %s", a.ID, kind)
			}
		}
		t.Run(a.ID, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			for kind, examples := range all {
				for _, e := range examples {
					t.Run(kind+"/"+e.Name, func(t *testing.T) { s.run(t, a, e, kinds[kind]) })
				}
			}
		})
	}
}

// run sees that an alert says of an example what it should, with nothing else in the tables.
func (s store) run(t *testing.T, a alerts.Alert, e example, is func(verdicts []string) bool) {
	t.Helper()
	s.empty(t)
	now := time.Now().UTC().Truncate(time.Second)
	n := 0
	var verdicts []string
	for i, st := range e.Steps {
		for _, sql := range st.SQL {
			if err := s.owner.Exec(t.Context(), moments(sql, now, 0)); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		var rows []map[string]any
		for _, h := range st.Events {
			rows = append(rows, h.rows(t, now, &n)...)
		}
		s.insert(t, rows)
		if a.Data != "" && !s.hasData(t, a) {
			t.Errorf("step %d: there is nothing to judge", i+1)
		}
		answer := s.answer(t, a, e.Values, time.Now())
		var got []string
		got, verdicts = told(t, a, answer, st.Shows)
		var want []string
		for _, line := range st.Answer {
			want = append(want, moments(line, now, 0))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i+1, diff)
		}
	}
	if !is(verdicts) {
		t.Errorf("at the end it says %v", verdicts)
	}
}

// told returns an answer's rows as texts, and their verdicts. It finds rows with equal labels.
func told(t *testing.T, a alerts.Alert, answer queries.Answer, shows []string) (lines, verdicts []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range answer.Rows {
		var labels, values []string
		for i, c := range a.Columns() {
			switch text := queries.Text(row[i]); {
			case c.Name == alerts.Verdict:
				verdicts = append(verdicts, text)
				if text != alerts.Wrong && text != alerts.Unknown {
					t.Errorf("the verdict %q", text)
				}
			case i < len(a.Labels) && text != "":
				labels = append(labels, c.Name+"="+text)
			case slices.Contains(shows, c.Name):
				values = append(values, c.Name+"="+text)
			}
		}
		key := strings.Join(labels, " ")
		if seen[key] {
			t.Errorf("two rows have the labels %s", key)
		}
		seen[key] = true
		lines = append(lines, strings.Join(slices.Concat([]string{verdicts[len(verdicts)-1] + ":"}, labels, values), " "))
	}
	if answer.Truncated {
		t.Error("the answer is truncated")
	}
	return lines, verdicts
}

// rows are the rows that a happening stands for; n counts those that there were.
func (h happening) rows(t *testing.T, now time.Time, n *int) (out []map[string]any) {
	t.Helper()
	every, err := time.ParseDuration("0" + h.Every)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(h.Row)
	if err != nil {
		t.Fatal(err)
	}
	for i := range max(h.Times, 1) {
		*n++
		row := map[string]any{"event_id": uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, *n)).String(), "platform": "aws"}
		var said map[string]any
		if err := json.Unmarshal([]byte(moments(string(text), now, 0)), &said); err != nil {
			t.Fatal(err)
		}
		said["ts"] = moments(fmt.Sprint(h.Row["ts"]), now, time.Duration(i)*every)
		maps.Copy(row, said)
		if row["observed_at"] == nil {
			row["observed_at"] = row["ts"]
		}
		out = append(out, row)
	}
	return out
}

var moment = regexp.MustCompile(`\b(TODAY|DAY|MONTHDATE|MONTH|NEXT|YM|NOW|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000)((?:[+-]\d+[dhms])*)`)

// layout is that of times in ClickHouse.
const layout = "2006-01-02 15:04:05.000"

var shift = regexp.MustCompile(`([+-]\d+)([dhms])`)

// moments replaces the times in a text. DAY is TODAY without its hour, and MONTHDATE MONTH; NEXT is the next month, and YM
// the number of this one.
func moments(text string, now time.Time, before time.Duration) string {
	return moment.ReplaceAllStringFunc(text, func(m string) string {
		parts := moment.FindStringSubmatch(m)
		at, err := time.Parse(layout, parts[1])
		if err != nil {
			at = now
		}
		switch parts[1] {
		case "TODAY", "DAY":
			at = now.Truncate(24 * time.Hour)
		case "MONTH", "MONTHDATE", "YM":
			at = now.Truncate(24*time.Hour).AddDate(0, 0, 1-now.Day())
		case "NEXT":
			at = now.Truncate(24*time.Hour).AddDate(0, 1, 1-now.Day())
		}
		for _, s := range shift.FindAllStringSubmatch(parts[2], -1) {
			n, _ := strconv.Atoi(s[1])
			at = at.Add(time.Duration(n) * map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[s[2]])
		}
		at = at.Add(-before)
		switch parts[1] {
		case "DAY", "MONTHDATE":
			return at.Format(time.DateOnly)
		case "YM":
			return at.Format("2006-01")
		}
		return at.Format(layout)
	})
}
