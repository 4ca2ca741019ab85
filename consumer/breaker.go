package consumer

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// How long the breaker stays open: the first time, and at most.
const (
	openFirst = 200 * time.Millisecond
	openMost  = 30 * time.Second
)

// breaker stops the workers of a drain during a ClickHouse outage. After an outage, no worker
// receives for a jittered time that grows. Then one worker, the probe, tries; the others
// continue only after it succeeds. The zero value is closed.
type breaker struct {
	mu sync.Mutex
	// wait is how long it opened the last time; 0 means closed.
	wait    time.Duration
	until   time.Time
	probing bool
}

// enter waits until the caller may work, or returns ctx's error. probe reports whether the caller
// is the probe.
func (b *breaker) enter(ctx context.Context) (probe bool, err error) {
	for {
		b.mu.Lock()
		closed, left := b.wait == 0, time.Until(b.until)
		if closed || left <= 0 && !b.probing {
			b.probing = !closed
			b.mu.Unlock()
			return !closed, ctx.Err()
		}
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(max(left, openFirst/2)):
		}
	}
}

// leave reports the outcome. An outage opens the breaker, or keeps it open for longer; a successful
// probe closes it. Concurrent outages of several workers count once.
func (b *breaker) leave(probe, outage bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case outage && (probe || b.wait == 0): //mutant:breaker-never-opens
		b.wait = min(max(2*b.wait, openFirst), openMost)
		b.until = time.Now().Add(b.wait/2 + rand.N(b.wait/2))
	case !outage && probe:
		b.wait = 0 //mutant:breaker-never-closes
	}
}
