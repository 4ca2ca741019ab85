package cur_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cur"
)

// rows returns a bill of several rows with the columns of the first.
func rows(first string, more ...string) string {
	for _, m := range more {
		_, values, _ := strings.Cut(m, "\n")
		first += values
	}
	return first
}

// costIDs returns the event ids of a bill's lines, in order.
func costIDs(t *testing.T, files map[string]string) []string {
	t.Helper()
	_, r := collect(t, cur.Files{Input: folder(t, files)})
	var all []string
	for _, e := range r.Of(envelope.TypeCostAccrued) {
		all = append(all, e.EventID.String())
	}
	return all
}

// The same content has the same ids wherever it lies and whatever is beside it; another delivery
// shares none.
func TestIdentity(t *testing.T) {
	t.Parallel()
	two := rows(cur1(), cur1())
	base := costIDs(t, map[string]string{"bill.csv": two})
	for _, tc := range []struct {
		name  string
		files map[string]string
		same  bool
	}{
		{"read again", map[string]string{"bill.csv": two}, true},
		{"elsewhere, by another name", map[string]string{"x/y.csv": two}, true},
		{"beside a copy", map[string]string{"bill.csv": two, "copy.csv": two}, true},
		{"beside a file that is not a bill", map[string]string{"bill.csv": two, "other.csv": "x,y\n1,2\n", "note.md": "# none"}, false},
		{"with another amount", map[string]string{"bill.csv": strings.Replace(two, `"1.5"`, `"2.5"`, 1)}, false},
		{"as one file of two", map[string]string{"bill.csv": two, "more.csv": strings.ReplaceAll(cur1(), `"abc"`, `"abd"`)}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := costIDs(t, tc.files)
			shared := 0
			for _, id := range got {
				if slices.Contains(base, id) {
					shared++
				}
			}
			if tc.same && !slices.Equal(base, got) || !tc.same && shared > 0 {
				t.Errorf("ids %v, of the bill alone %v", got, base)
			}
		})
	}
}

// Lines that are equal in everything, ids included, all count.
func TestEqualLines(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"of one id": rows(cur1(), cur1(), cur1()), "without ids": rows(focus(), focus(), focus())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, r := collect(t, cur.Files{Input: file(t, "bill.csv", content)})
			if len(r.Of(envelope.TypeCostAccrued)) != 3 || len(s.Bills) != 1 || !s.Bills[0].Complete || s.Bills[0].Amounts[0].Cost.String() != "4.5" {
				t.Errorf("%d lines, summary %+v", len(r.Of(envelope.TypeCostAccrued)), s)
			}
		})
	}
}

// Without a manifest, a row whose id occurred in another file is a repetition; if its amount
// differs, the bill is incomplete. Parts that a manifest names have no repetitions.
func TestRepetitions(t *testing.T) {
	t.Parallel()
	other := strings.Replace(cur1(), `"1.5"`, `"2.5"`, 1)
	tiers, abd := rows(cur1(), other), strings.Replace(cur1(), `"abc"`, `"abd"`, 1)
	named := map[string]string{
		"r-Manifest.json": `{"assemblyId":"a","account":"000000000042","reportName":"r","billingPeriod":{"start":"20260201T000000.000Z","end":"20260301T000000.000Z"},"reportKeys":["a.csv","b.csv"]}`,
		"a.csv":           cur1(), "b.csv": cur1(),
	}
	for _, tc := range []struct {
		name     string
		files    map[string]string
		cost     string
		repeated int64
		complete bool
	}{
		{"two tiers under one id, in one file", map[string]string{"a.csv": tiers}, "4", 0, true},
		{"a copy", map[string]string{"a.csv": tiers, "b.csv": tiers}, "4", 0, true},
		{"a row again", map[string]string{"a.csv": cur1(), "b.csv": rows(cur1(), strings.Replace(cur1(), `"abc"`, `"abd"`, 1))}, "3", 1, true},
		{"a row again, with another amount", map[string]string{"a.csv": cur1(), "b.csv": other}, "1.5", 1, false},
		{"rows without ids", map[string]string{"a.csv": focus(), "b.csv": rows(focus(), focus())}, "4.5", 0, true},
		{"files of one name in two folders", map[string]string{"x/r.csv": cur1(), "y/r.csv": abd}, "3", 0, false},
		{"files of one name in two partitions", map[string]string{"day=1/r.csv": cur1(), "day=2/r.csv": abd}, "3", 0, true},
		{"files of two names in two folders", map[string]string{"x/r-1.csv": cur1(), "y/r-2.csv": abd}, "3", 0, true},
		{"two equal parts in a manifest", named, "3", 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, r := collect(t, cur.Files{Input: folder(t, tc.files)})
			if len(s.Bills) != 1 || s.Bills[0].Amounts[0].Cost.String() != tc.cost || s.Repeated != tc.repeated || s.Bills[0].Complete != tc.complete {
				t.Errorf("summary %+v", s)
			}
			if complete := len(completions(r)) == 1; complete != tc.complete {
				t.Errorf("completed: %v", completions(r))
			}
		})
	}
}

// Every line carries the delivery that the bill's completion names, and the completion counts the
// lines.
func TestLinesCarryTheirDelivery(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]bool{"whole": false, "partial": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, eventType := rows(cur1(), strings.ReplaceAll(cur1(), "2026-02-01T", "2026-01-01T")), envelope.TypeScanCompleted
			if bad {
				content, eventType = rows(content, strings.Replace(cur1(), `"1.5"`, `"x"`, 1), strings.Replace(strings.ReplaceAll(cur1(), "2026-02-01T", "2026-01-01T"), `"1.5"`, `""`, 1)), envelope.TypeScanIncomplete
			}
			s, r := collect(t, cur.Files{Input: file(t, "bill.csv", content)})
			lines := map[string]int{}
			for _, e := range r.Of(envelope.TypeCostAccrued) {
				lines[e.Properties.Get(envelope.PropDelivery)+" "+e.Properties.Get(envelope.PropBillingPeriod)]++
			}
			got := map[string]int{}
			for _, e := range r.Of(eventType) {
				n, err := strconv.Atoi(e.Properties.Get(envelope.PropEvents))
				if err != nil {
					t.Fatal(err)
				}
				got[e.Properties.Get(envelope.PropDelivery)+" "+e.TS.Format(time.DateOnly)] = n
			}
			if d := cmp.Diff(lines, got); d != "" || len(lines) != 2 || len(s.Bills) != 2 {
				t.Errorf("of %d bills (-lines +got):\n%s", len(s.Bills), d)
			}
		})
	}
}
