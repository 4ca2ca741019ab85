package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue"
)

// filters are the flags that select letters.
type filters struct {
	ID      []string `name:"id" help:"Letters with these ids." placeholder:"ID"`
	Reason  []string `help:"Letters with these reasons, as shown by list." placeholder:"REASON" predictor:"reason"`
	Source  []string `help:"Letters with events of these sources." placeholder:"SOURCE"`
	Type    []string `help:"Letters with events of these types." placeholder:"TYPE"`
	Account []string `help:"Letters with events of these accounts." placeholder:"ACCOUNT"`
	ARN     string   `name:"arn" help:"Letters with events of matching ARNs; * matches any text." placeholder:"GLOB"`
	Since   string   `help:"Letters that failed at or after this: 2026-03-01T10:00:00Z, 2026-03-01, or a duration before now: 90m, 3h, 2d." placeholder:"TIME"`
	Until   string   `help:"Letters that failed before this." placeholder:"TIME"`
	Match   string   `help:"Letters whose error or body contains this text." placeholder:"TEXT"`

	Corrected bool `help:"Letters that an edit corrected."`
}

func (f filters) filter(now time.Time) (replay.Filter, error) {
	out := replay.Filter{
		IDs: f.ID, Reasons: f.Reason, Sources: f.Source, Types: f.Type, Accounts: f.Account, ARN: f.ARN, Match: f.Match, Corrected: f.Corrected,
	}
	var err error
	for _, r := range f.Reason {
		if !known(r) {
			return out, cli.Usage("--reason %s: there is none; the reasons are %s", r, strings.Join(reasons(), ", "))
		}
	}
	if out.Since, err = moment(f.Since, now); err != nil {
		return out, cli.Usage("--since: %w", err)
	}
	if out.Until, err = moment(f.Until, now); err != nil {
		return out, cli.Usage("--until: %w", err)
	}
	return out, nil
}

// open opens the queues for a command that reads the selected letters.
func (f filters) open(ctx context.Context, e *env) (replay.Filter, *opened, error) {
	filter, err := f.filter(time.Now())
	if err != nil {
		return filter, nil, err
	}
	o, err := e.flags.open(ctx)
	return filter, o, err
}

// reasons are the codes that a letter can have.
func reasons() []string {
	out := make([]string, 0, len(queue.Reasons())+1)
	for _, r := range queue.Reasons() {
		out = append(out, string(r))
	}
	return append(out, replay.ReasonUnknown)
}

func known(reason string) bool { return slices.Contains(reasons(), reason) }

// flags returns the filter as command line flags; equal filters return equal text.
func (f filters) flags() string {
	var out []string
	for _, l := range []struct {
		name   string
		values []string
	}{
		{"id", f.ID},
		{"reason", f.Reason},
		{"source", f.Source},
		{"type", f.Type},
		{"account", f.Account},
		{"since", []string{f.Since}},
		{"until", []string{f.Until}},
		{"arn", []string{f.ARN}},
		{"match", []string{f.Match}},
	} {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(l.values))) {
			if v != "" {
				out = append(out, fmt.Sprintf("--%s '%s'", l.name, strings.ReplaceAll(v, "'", `'\''`)))
			}
		}
	}
	if f.Corrected {
		out = append(out, "--corrected")
	}
	return strings.Join(out, " ")
}

// moment parses a time, a day, or a duration before now.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	var days int
	if n, err := fmt.Sscanf(text, "%dd", &days); err == nil && n == 1 && fmt.Sprintf("%dd", days) == text {
		return now.AddDate(0, 0, -days), nil
	}
	ago, err := time.ParseDuration(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time, day or duration", text)
	}
	return now.Add(-ago), nil
}
