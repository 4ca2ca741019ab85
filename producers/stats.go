package producers

import "sync/atomic"

// Stats are what a publisher has done so far.
type Stats struct {
	// Published is events the queue acknowledged, in Messages messages.
	Published, Messages int64
	// Failed is failures the dead-letter queue acknowledged.
	Failed int64
	// RawBytes is the published events' JSON, EncodedBytes the bodies it became.
	RawBytes, EncodedBytes int64
}

// Stats tells the counts of this moment; they are final after Flush.
func (p *Publisher) Stats() Stats {
	return Stats{
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
