package main

import (
	"context"
	"fmt"
	"time"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
)

type auditCmd struct {
	Since string `default:"7d" help:"Since when (${default}): a time, a day, or a duration before now." placeholder:"TIME"`
	server
}

// Help is shown by --help.
func (auditCmd) Help() string {
	return `Lists the acts of this tool as recorded in ClickHouse: every applied replay, edit, purge and import, by whom, when, over
how many letters, by which filter. One that stays "begun" was killed on its way.

Examples:

  dlq-replay audit
  dlq-replay audit --since 1d --data .polo --json`
}

const auditQuery = `SELECT ts, event_type, state, actor, properties['letters'], properties['filter'], properties['expr'], properties['run'], properties['dead_letter_queue']
FROM resource_events WHERE source = ? AND event_type LIKE 'dlq.%' AND ts >= fromUnixTimestamp64Milli(?) ORDER BY ts, event_id`

func (c *auditCmd) do(ctx context.Context, e *env) (result, error) {
	since, err := moment(c.Since, time.Now())
	if err != nil {
		return nil, cli.Usage("--since: %w", err)
	}
	conn, err := c.connect(e)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // nothing is pending on it
	acts := trail{}
	err = interruptible(ctx, func() error {
		rows, err := conn.Query(ctx, auditQuery, replay.SourceName, since.UnixMilli())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // Err reports its error
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
		return nil, fmt.Errorf("querying the audit events: %w", err)
	}
	return acts, nil
}

// interruptible returns when do returns or ctx ends, because do may call code that ignores ctx
// while it connects.
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
