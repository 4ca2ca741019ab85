package main

import (
	"fmt"
	"strconv"

	"polo/internal/cli"
	"polo/producers"
)

// printRun prints what a collector's run did, and every gap with its reason.
func printRun(e *env, s producers.Summary, asJSON bool) error {
	if asJSON {
		return e.PrintJSON(s)
	}
	t := cli.NewTable(e.Streams, s.Source+" for "+s.Scheduled.Format("2006-01-02 15:04:05Z"), "")
	for _, r := range []struct{ name, value string }{
		{"accounts and regions to read", strconv.Itoa(s.Scopes)},
		{"read without a gap", strconv.Itoa(s.Read)},
		{"not begun in time", strconv.Itoa(s.Unread)},
		{"events", strconv.FormatInt(s.Events, 10)},
		{"rejected", strconv.FormatInt(s.Rejected, 10)},
		{"parts read to the end", strconv.Itoa(s.Completions)},
		{"requests", strconv.FormatInt(s.Counts.Requests, 10)},
		{"of them retries", strconv.FormatInt(s.Counts.Retries, 10)},
		{"refused as too many", strconv.FormatInt(s.Counts.Throttles, 10)},
		{"cost, US dollars", strconv.FormatFloat(float64(s.Counts.CostMicros)/1e6, 'f', -1, 64)},
		{"seconds", fmt.Sprintf("%.1f", s.Seconds)},
	} {
		t.Row(r.name, r.value)
	}
	if err := t.Flush(); err != nil || len(s.Gaps) == 0 {
		return err
	}
	gaps := cli.NewTable(e.Streams, "gap in account", "region", "of", "because", "code", "says")
	for _, g := range s.Gaps {
		of := g.What
		if of == "" {
			of = "everything"
		}
		gaps.Row(g.AccountID, g.Region, of, string(g.Reason), g.Code, g.Error)
	}
	return gaps.Flush()
}
