package cur_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cur"
)

// rows is a bill of several rows with the columns of the first.
func rows(first string, more ...string) string {
	for _, m := range more {
		_, values, _ := strings.Cut(m, "\n")
		first += values
	}
	return first
}

func costIDs(t *testing.T, csv string) []string {
	t.Helper()
	_, r := collect(t, cur.Files{Input: file(t, "bill.csv", csv)})
	var all []string
	for _, e := range r.of(envelope.TypeCostAccrued) {
		all = append(all, e.EventID.String())
	}
	return all
}

// What a later delivery may restate changes no id; what makes it another line does.
func TestIdentity(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, a, b string
		same       bool
	}{
		{"another amount", cur1(), strings.Replace(cur1(), `"1.5"`, `"2.5"`, 1), true},
		{"another tag", cur1("resourceTags/user:a", "1"), cur1("resourceTags/user:a", "2"), true},
		{"another description", cur1("lineItem/LineItemDescription", "1"), cur1("lineItem/LineItemDescription", "2"), true},
		{"an invoice", cur1("bill/InvoiceId", ""), cur1("bill/InvoiceId", "1"), true},
		{"another column", cur1(), cur1("product/x", "2"), true},
		{"another line id", cur1(), strings.Replace(cur1(), `"abc"`, `"abd"`, 1), false},
		{"another interval", cur1("identity/TimeInterval", "a/b"), cur1("identity/TimeInterval", "a/c"), false},
		{"another kind of line under one id", cur1("lineItem/LineItemType", "Usage"), cur1("lineItem/LineItemType", "Credit"), false},
		{"another month's bill", cur1(), strings.Replace(cur1(), "2026-02-01T", "2026-01-01T", 1), false},
		{"FOCUS: another amount", focus("ListCost", "1", "ConsumedQuantity", "3"), strings.Replace(focus("ListCost", "2", "ConsumedQuantity", "4"), `"1.5"`, `"2.5"`, 1), true},
		{"FOCUS: a column that is empty", focus(), focus("CommitmentDiscountId", "NULL"), true},
		{"FOCUS: another resource", focus("ResourceId", "a"), focus("ResourceId", "b"), false},
		{"FOCUS: another tag", focus("Tags", `{"a":"b"}`), focus("Tags", `{"a":"c"}`), false},
		{"FOCUS: tags in another order", focus("Tags", `{"a":"b","c":"d"}`), focus("Tags", `{"c":"d","a":"b"}`), true},
		{"FOCUS: fields that run together", focus("ResourceId", "ab", "ResourceName", "c"), focus("ResourceId", "a", "ResourceName", "bc"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, b := only(t, tc.a), only(t, tc.b)
			if same := a.EventID == b.EventID; same != tc.same {
				t.Errorf("the same id: %t, want %t", same, tc.same)
			}
		})
	}
}

// Lines without ids that say the same are as many as there are, by their order; lines
// with one id that say the same are one.
func TestEquals(t *testing.T) {
	t.Parallel()
	three := rows(focus(), strings.Replace(focus(), `"1.5"`, `"2.5"`, 1), focus())
	got := costIDs(t, three)
	if len(got) != 3 {
		t.Fatalf("%d lines, want 3", len(got))
	}
	if d := cmp.Diff(got, costIDs(t, three)); d != "" {
		t.Errorf("read again (-first +second):\n%s", d)
	}
	if d := cmp.Diff(got[:1], costIDs(t, focus())); d != "" {
		t.Errorf("the first alone (-of three +alone):\n%s", d)
	}
	r := &recorder{}
	twice := cur.Files{Input: file(t, "bill.csv", rows(cur1(), cur1())), ObservedAt: observed}
	if _, err := twice.Collect(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	lines := r.of(envelope.TypeCostAccrued)
	if len(lines) != 2 || lines[0].EventID != lines[1].EventID {
		t.Errorf("%d lines of one id: %v", len(lines), lines)
	}
}

// More equal lines than a small count holds have ids of their own.
func TestManyEquals(t *testing.T) {
	t.Parallel()
	_, values, _ := strings.Cut(focus(), "\n")
	const n = 70_000
	got := costIDs(t, focus()+strings.Repeat(values, n-1))
	slices.Sort(got)
	if distinct := len(slices.Compact(got)); distinct != n {
		t.Errorf("%d ids of %d lines", distinct, n)
	}
}

// One file's lines in two files have the same ids.
func TestSplit(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 10 {
		all = append(all, focus("ResourceId", fmt.Sprint(i%3)))
	}
	whole := costIDs(t, rows(all[0], all[1:]...))
	dir := folder(t, map[string]string{"1.csv": rows(all[0], all[1:4]...), "2.csv": rows(all[4], all[5:]...)})
	_, r := collect(t, cur.Files{Input: dir})
	var got []string
	for _, e := range r.of(envelope.TypeCostAccrued) {
		got = append(got, e.EventID.String())
	}
	if d := cmp.Diff(whole, got); d != "" {
		t.Errorf("(-one file +two):\n%s", d)
	}
}
