package consumer

import (
	"time"

	"polo/internal/queue"
)

// Verdict is what becomes of a message.
type Verdict uint8

const (
	// Nack leaves it on the queue, which redelivers it. It is the zero value, so that a
	// message nobody judged is never deleted.
	Nack Verdict = iota
	// Ack deletes it: each of its events is acknowledged by ClickHouse, or by the
	// dead-letter queue as a failure.
	Ack
)

// Report is what became of a batch.
type Report struct {
	// Verdicts has one entry per message, in the order given.
	Verdicts []Verdict
	// Messages, Events: what was decoded. Inserted: rows acknowledged by
	// ClickHouse. Duplicates: events that another of the batch stands for.
	Messages, Events, Inserted, Duplicates int
	// DeadLettered counts failures that the dead-letter queue acknowledged, by
	// reason.
	DeadLettered map[queue.Reason]int
	// Failed counts by reason the messages and events that those stand for.
	Failed map[queue.Reason]int64
	// InsertTime is what inserting took, with all attempts and waits; Retries is how many
	// attempts were not the first.
	InsertTime time.Duration
	Retries    int

	// unsent is why no failure could be sent of a portion that needed it for every
	// message. The other portions go on.
	unsent error
}

func newReport(messages int) Report {
	return Report{
		Verdicts: make([]Verdict, messages), Messages: messages,
		DeadLettered: map[queue.Reason]int{}, Failed: map[queue.Reason]int64{},
	}
}

// add counts a portion, whose messages stand at the places given. Its verdicts hold after
// an error, too.
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
