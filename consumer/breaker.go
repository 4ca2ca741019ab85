package consumer

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// How long a breaker stays open: the first time, and at most.
const (
	openFirst = 200 * time.Millisecond
	openMost  = 30 * time.Second
)

// breaker stops the workers of a drain while ClickHouse is out: after an outage
// nobody takes messages for a time that grows and is jittered; then one worker
// tries, and only when it succeeds do the others go on. The zero value is closed.
type breaker struct {
	mu sync.Mutex
	// wait is how long it was opened for the last time; 0 means closed.
	wait    time.Duration
	until   time.Time
	probing bool
}

// enter waits until the caller may work. probe reports that it is the one that tries.
// It returns ctx's error when that ends first.
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

// leave reports how it went. An outage opens the breaker, or keeps it open for
// longer; a probe's success closes it. Outages that several workers meet at once
// count once.
func (b *breaker) leave(probe, outage bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case outage && (probe || b.wait == 0):
		b.wait = min(max(2*b.wait, openFirst), openMost)
		b.until = time.Now().Add(b.wait/2 + rand.N(b.wait/2))
	case !outage && probe:
		b.wait = 0
	}
}
