package producers

import (
	"maps"
	"sync/atomic"

	"polo/internal/queue"
)

// Stats is what a publisher has done so far.
type Stats struct {
	// Published counts events that the queue acknowledged, Messages their messages.
	Published, Messages int64
	// Failed counts letters that the dead-letter queue acknowledged. Reasons counts the
	// failures behind all accepted letters, by reason.
	Failed  int64
	Reasons map[queue.Reason]int64
	// RawBytes is the size of the published events' JSON, EncodedBytes that of their
	// message bodies.
	RawBytes, EncodedBytes int64
}

// Stats returns the current counts; they are final after Flush.
func (p *Publisher) Stats() Stats {
	p.mu.Lock()
	reasons := maps.Clone(p.reasons)
	p.mu.Unlock()
	return Stats{
		Reasons:      reasons,
		Published:    p.counts.events.Load(),
		Messages:     p.counts.messages.Load(),
		Failed:       p.counts.failures.Load(),
		RawBytes:     p.counts.raw.Load(),
		EncodedBytes: p.counts.encoded.Load(),
	}
}

type counts struct {
	// Accepted from collectors.
	takenEvents, takenFailures atomic.Int64
	// Acknowledged.
	events, failures, messages, raw, encoded atomic.Int64
}

// waiting reports whether anything accepted is not acknowledged.
func (c *counts) waiting() bool {
	return c.takenEvents.Load() != c.events.Load() || c.takenFailures.Load() != c.failures.Load()
}
