package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"polo/internal/cli"
	"polo/producers/tree/treetest"
)

// billOf returns a bill without a manifest that has n lines, named name; one row more cannot be read if
// it is broken.
func billOf(name string, n int, broken bool) string {
	const columns = "bill/PayerAccountId,lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UsageEndDate,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,identity/LineItemId,identity/TimeInterval,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/LineItemType,lineItem/ProductCode\n"
	const hour = "2026-02-01T00:00:00Z,2026-02-01T01:00:00Z"
	out := columns
	for i := range n + map[bool]int{true: 1}[broken] {
		cost := "1.5"
		if i == n {
			cost = "many"
		}
		out += fmt.Sprintf("111111111111,111111111111,%s,2026-02-01T00:00:00Z,2026-03-01T00:00:00Z,%s-%d,%s,%s,USD,Usage,AmazonEC2\n", hour, name, i, strings.ReplaceAll(hour, ",", "/"), cost)
	}
	return out
}

// An ingest of a bill says which delivery it replaces, or that it replaces none.
func TestReplacedBillIsNamed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, c := range []struct {
		name   string
		lines  int
		broken bool
		want   string // "" for nothing replaced
	}{
		{"first", 3, false, ""},
		{"first", 3, false, ""},
		{"second", 2, false, "(lines before: 3, now: 2)"},
		{"third", 5, true, "still counts (lines: 2)"},
		{"first", 3, false, "(lines before: 2, now: 3)"},
	} {
		out, _, err := polo(t, "ingest", treetest.Folder(t, map[string]string{"bill.csv": billOf(c.name, c.lines, c.broken)}), "--data", data)
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" && (strings.Contains(out, "replaces the delivery") || strings.Contains(out, "still counts")) || !strings.Contains(out, c.want) || c.want != "" && !strings.Contains(out, "the bill of 111111111111 for 2026-02-01") {
			t.Errorf("%s: want %q in\n%s", c.name, c.want, out)
		}
	}
	out, _, err := polo(t, "ingest", treetest.Folder(t, map[string]string{"bill.csv": billOf("fourth", 1, false)}), "--data", data, "--json")
	var s ingestSummary
	if err := errors.Join(err, json.Unmarshal([]byte(out), &s)); err != nil {
		t.Fatal(err)
	}
	if len(s.Replaced) != 1 || s.Replaced[0].Lines != 3 || s.Replaced[0].Kept || s.Replaced[0].ReadAt.IsZero() {
		t.Errorf("replaced: %+v", s.Replaced)
	}
}

// A file that cannot be read, or not to its end, leaves the run incomplete: the error names it.
func TestDamagedFilesAreIncomplete(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"bill.csv.gz":  "\x1f\x8b\x08\x00garbage",
		"log.json.gz":  treetest.Gzip(t, strings.ReplaceAll(record, "%ID%", "a"))[:60],
		"dump.sql.gz":  "\x1f\x8b\x08\x00garbage",
		"bill.parquet": "PAR1\x15",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := treetest.Folder(t, map[string]string{name: text, "good.json": strings.ReplaceAll(record, "%ID%", "good")})
			out, _, err := polo(t, "ingest", input, "--data", t.TempDir())
			if cli.Code(err) != cli.ExitIncomplete || !strings.Contains(err.Error(), name) {
				t.Errorf("exit code %d, %v\n%s", cli.Code(err), err, out)
			}
		})
	}
}
