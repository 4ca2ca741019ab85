package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"polo/internal/cli"
)

// pace shows a person the progress of a run.
type pace struct {
	line    *cli.Progress
	started time.Time
	total   int
	sent    atomic.Int64
}

func newPace(ctx context.Context, e *env, o *opened) *pace {
	p := &pace{line: cli.NewProgress(e.Streams), started: time.Now()}
	if !e.Person {
		return p
	}
	if stats, err := o.dlq.Stats(ctx); err == nil {
		p.total = stats.Visible + stats.InFlight
	}
	p.line.Every(p.String)
	return p
}

// String returns the progress.
func (p *pace) String() string {
	n, passed := p.sent.Load(), time.Since(p.started)
	speed := float64(n) / passed.Seconds()
	line := fmt.Sprintf("%d of at most %d letters, %.0f a second", n, p.total, speed)
	if left := p.total - int(n); speed > 0 && left > 0 {
		line += fmt.Sprintf(", at most %s to go", (time.Duration(float64(left)/speed) * time.Second).Round(time.Second))
	}
	return line
}

func (p *pace) tell(sent int64) { p.sent.Store(sent) }

func (p *pace) end() { p.line.Stop() }
