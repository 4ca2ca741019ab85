package producers

import (
	"maps"
	"sync/atomic"

	"polo/internal/queue"
)

// Stats are what a publisher has done so far.
type Stats struct {
	// Published is events the queue acknowledged, in Messages messages.
	Published, Messages int64
	// Failed is letters the dead-letter queue acknowledged; Reasons counts by reason what
	// all those stand for that were taken.
	Failed  int64
	Reasons map[queue.Reason]int64
	// RawBytes is the published events' JSON, EncodedBytes the bodies it became.
	RawBytes, EncodedBytes int64
}

// Stats tells the counts of this moment; they are final after Flush.
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
	// takenEvents and takenFailures were taken from collectors.
	takenEvents, takenFailures atomic.Int64
	// The rest was acknowledged.
	events, failures, messages, raw, encoded atomic.Int64
}

// waiting tells whether something taken is not acknowledged.
func (c *counts) waiting() bool {
	return c.takenEvents.Load() != c.events.Load() || c.takenFailures.Load() != c.failures.Load()
}
