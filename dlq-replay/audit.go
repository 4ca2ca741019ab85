package main

import (
	"context"
	"fmt"
	"time"

	"polo/dlq-replay/replay"
)

type auditCmd struct {
	Since string `default:"7d" help:"Since when (${default}): a time, a day, or how long ago." placeholder:"TIME"`
	server
}

// Help is shown by --help.
func (auditCmd) Help() string {
	return `Lists the acts of this tool as the stream tells them: every applied replay, edit, purge and import, by whom, when, over
how many letters, by which filter. One that stays "begun" was killed on its way.

Examples:

  dlq-replay audit
  dlq-replay audit --since 1d --data .polo --json`
}

const auditQuery = `SELECT ts, event_type, state, actor, properties['letters'], properties['filter'], properties['expr'], properties['run'], properties['dead_letter_queue']
FROM resource_events WHERE source = ? AND event_type LIKE 'dlq.%' AND ts >= fromUnixTimestamp64Milli(?) ORDER BY ts, event_id`

// audited is an act as JSON.
type audited struct {
	At      time.Time `json:"at"`
	Act     string    `json:"act"`
	State   string    `json:"state"`
	Actor   string    `json:"actor"`
	Letters string    `json:"letters"`
	Filter  string    `json:"filter"`
	Expr    string    `json:"expr,omitempty"`
	Run     string    `json:"run"`
	Queue   string    `json:"queue"`
}

// Run asks.
func (c *auditCmd) Run(ctx context.Context, e *env) error {
	since, err := moment(c.Since, time.Now())
	if err != nil {
		return exitError{exitUsage, fmt.Errorf("--since: %w", err)}
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // nothing is pending on it
	acts := []audited{}
	err = interruptible(ctx, func() error {
		rows, err := conn.Query(ctx, auditQuery, replay.SourceName, since.UnixMilli())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // what it has to say comes with Err
		for rows.Next() {
			var a audited
			if err := rows.Scan(&a.At, &a.Act, &a.State, &a.Actor, &a.Letters, &a.Filter, &a.Expr, &a.Run, &a.Queue); err != nil {
				return err
			}
			acts = append(acts, a)
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("asking what was done: %w", err)
	}
	if e.cli.JSON {
		return printJSON(e, acts)
	}
	t := newTable(e.stdout, "at", "act", "state", "who", "letters", "filter", "corrected by", "run")
	for _, a := range acts {
		t.row(a.At.UTC().Format(time.DateTime), a.Act, a.State, a.Actor, a.Letters, clip(a.Filter, 60), clip(a.Expr, 60), a.Run)
	}
	return t.flush()
}

// interruptible returns when do does or when ctx ends: not everything that do calls
// looks at ctx while it connects.
func interruptible(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
