package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"polo/internal/cli"
	"polo/producers"
)

// printRun prints what a collector's run did, and its gaps by their causes.
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
	gaps := cli.NewTable(e.Streams, "gap in account", "gaps", "regions", "of", "because", "code", "error")
	gaps.Numbers(1)
	groups := groupGaps(s.Gaps)
	for _, g := range groups {
		gaps.Row(g.first.AccountID, strconv.Itoa(g.n), few(g.regions, "regions"), few(g.whats, "parts"), string(g.first.Reason), g.first.Code, g.first.Error)
	}
	if err := gaps.Flush(); err != nil || len(groups) == len(s.Gaps) {
		return err
	}
	_, err := fmt.Fprintln(e.Stdout, "Gaps with the same cause are in one row, with the error of the first; --json has each.")
	return err
}

// gapGroup is the gaps of an account with the same cause.
type gapGroup struct {
	first          producers.Gap
	n              int
	regions, whats []string
}

// groupGaps groups gaps by account, reason and code. The texts differ, because they hold the ids of requests;
// they count only for gaps without a code.
func groupGaps(gaps []producers.Gap) []*gapGroup {
	type cause struct{ account, reason, code, text string }
	var groups []*gapGroup
	byCause := map[cause]*gapGroup{}
	for _, gap := range gaps {
		k := cause{gap.AccountID, string(gap.Reason), gap.Code, ""}
		if gap.Code == "" {
			k.text = gap.Error
		}
		g := byCause[k]
		if g == nil {
			g = &gapGroup{first: gap}
			byCause[k] = g
			groups = append(groups, g)
		}
		g.n++
		g.regions = addNew(g.regions, gap.Region)
		g.whats = addNew(g.whats, cmp.Or(gap.What, "everything"))
	}
	return groups
}

func addNew(all []string, s string) []string {
	if slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}

// few names at most three, or counts them.
func few(names []string, kind string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%d %s", len(names), kind)
	}
	return strings.Join(names, ", ")
}

// withoutGaps drops the log entries about gaps, which the summary has.
type withoutGaps struct{ slog.Handler }

// Handle implements slog.Handler.
func (h withoutGaps) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == producers.GapMessage {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h withoutGaps) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withoutGaps{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h withoutGaps) WithGroup(name string) slog.Handler {
	return withoutGaps{h.Handler.WithGroup(name)}
}
