package consumer

import (
	"time"

	"polo/internal/queue"
)

// Verdict says what happens to a message.
type Verdict uint8

const (
	// Nack leaves the message on the queue, which redelivers it. It is the zero value, so that a
	// message without a verdict is never deleted.
	Nack Verdict = iota
	// Ack deletes the message: ClickHouse, or the dead-letter queue for failures, has acknowledged
	// each of its events.
	Ack
)

// Report is the outcome of a batch.
type Report struct {
	// Verdicts has one entry per message, in the given order.
	Verdicts []Verdict
	// Messages and Events count what was decoded. Inserted counts rows acknowledged by ClickHouse.
	// Duplicates counts events replaced by another of the batch.
	Messages, Events, Inserted, Duplicates int
	// DeadLettered counts by reason the failures that the dead-letter queue acknowledged.
	DeadLettered map[queue.Reason]int
	// Failed counts by reason the messages and events that those failures stand for.
	Failed map[queue.Reason]int64
	// InsertTime is the time spent inserting, with all retries and waits; Retries counts the
	// attempts after the first.
	InsertTime time.Duration
	Retries    int

	// unsent is the error of a portion in which every message has a failure, and none could be
	// sent. The other portions continue.
	unsent error
}

func newReport(messages int) Report {
	return Report{
		Verdicts: make([]Verdict, messages), Messages: messages,
		DeadLettered: map[queue.Reason]int{}, Failed: map[queue.Reason]int64{},
	}
}

// add adds a portion, whose messages are at the given places. Its verdicts also hold after an
// error.
func (r *Report) add(p *portion, places []int) {
	r.Events += p.events
	r.Inserted += p.inserted
	r.Duplicates += p.duplicates
	r.InsertTime += p.insertTime
	r.Retries += p.retries
	for reason, n := range p.letters.sent {
		r.DeadLettered[reason] += n
	}
	for reason, n := range p.letters.failed {
		r.Failed[reason] += n
	}
	for k, acked := range p.acked {
		if acked {
			r.Verdicts[places[k]] = Ack
		}
	}
}
