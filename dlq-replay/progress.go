package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// progress shows a person how far a run is.
type progress struct {
	e       *env
	started time.Time
	total   int
	sent    atomic.Int64
	stop    chan struct{}
	done    sync.WaitGroup
}

func newProgress(e *env, o *opened, started time.Time) *progress {
	p := &progress{e: e, started: started, stop: make(chan struct{})}
	if !e.person {
		return p
	}
	if stats, err := o.dlq.Stats(context.Background()); err == nil {
		p.total = stats.Visible + stats.InFlight
	}
	p.done.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				_, _ = fmt.Fprint(e.stderr, "\r\033[K") // only decoration
				return
			case <-tick.C:
				_, _ = fmt.Fprint(e.stderr, "\r\033[K"+p.line())
			}
		}
	})
	return p
}

func (p *progress) line() string {
	n, passed := p.sent.Load(), time.Since(p.started)
	speed := float64(n) / passed.Seconds()
	line := fmt.Sprintf("%d of at most %d letters, %.0f a second", n, p.total, speed)
	if left := p.total - int(n); speed > 0 && left > 0 {
		line += fmt.Sprintf(", at most %s to go", (time.Duration(float64(left)/speed) * time.Second).Round(time.Second))
	}
	return line
}

func (p *progress) tell(sent int64) { p.sent.Store(sent) }

func (p *progress) end() {
	close(p.stop)
	p.done.Wait()
}
