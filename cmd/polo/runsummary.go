package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"polo/producers"
)

// printRun shows what a run of a collector did, and every gap with its reason.
func printRun(e *env, s producers.Summary, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	t := newTable(e.stdout, s.Source+" for "+s.Scheduled.Format("2006-01-02 15:04:05Z"), "")
	for _, r := range []struct{ name, value string }{
		{"accounts and regions to read", strconv.Itoa(s.Scopes)},
		{"read without a gap", strconv.Itoa(s.Read)},
		{"not begun in time", strconv.Itoa(s.Unread)},
		{"events", strconv.FormatInt(s.Events, 10)},
		{"parts read to the end", strconv.Itoa(s.Completions)},
		{"requests", strconv.FormatInt(s.Counts.Requests, 10)},
		{"of them retries", strconv.FormatInt(s.Counts.Retries, 10)},
		{"refused as too many", strconv.FormatInt(s.Counts.Throttles, 10)},
		{"cost, US dollars", strconv.FormatFloat(float64(s.Counts.CostMicros)/1e6, 'f', -1, 64)},
		{"seconds", fmt.Sprintf("%.1f", s.Seconds)},
	} {
		t.row(r.name, r.value)
	}
	if err := t.flush(); err != nil || len(s.Gaps) == 0 {
		return err
	}
	gaps := newTable(e.stdout, "gap in account", "region", "of", "because", "code", "says")
	for _, g := range s.Gaps {
		of := g.What
		if of == "" {
			of = "everything"
		}
		gaps.row(g.AccountID, g.Region, of, string(g.Reason), g.Code, brief(g.Error))
	}
	return gaps.flush()
}

// brief cuts a text that would make a table too wide; --json has all of it.
func brief(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
