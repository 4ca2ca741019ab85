package sqsserver

import (
	"time"

	"github.com/google/uuid"
)

// messageState says where a message stands in its queue.
type messageState uint8

const (
	stateReady    messageState = iota // may be received
	stateDelayed                      // sent, not yet to be received
	stateInFlight                     // received, not yet deleted
	stateGone                         // deleted, moved, expired or purged
)

// content is what a sender gave. It never changes.
type content struct {
	record     []byte // as stored, see record.go
	body       []byte // within record
	bodyMD5    string
	attributes []attribute
	attrMD5    string
	trace      string // AWSTraceHeader
	group      string // MessageGroupId, which fair queues use; here it is only returned
}

// message is one message of one queue. id, seq and the times of its sending never change; the rest is guarded by the
// server's mutex.
type message struct {
	// content is nil once the store has it: memory holds only what a queue needs to know of a message that waits.
	content   *content
	id        uuid.UUID
	seq       uint64 // order of arrival, unique in the server
	sent      time.Time
	notBefore time.Time

	source      string // ARN of the queue it was redriven from
	receives    uint32
	base        uint32 // receives before it came to this queue
	first       time.Time
	received    time.Time // the last time; its visibility may not pass 12 h from it
	visibleAt   time.Time // while delayed or in flight
	state       messageState
	index       int // in the queue's heap while delayed or in flight
	repetitions int // deliveries made by the Duplicate fault
}

// move makes the message that stands for m, whose content is c, in another queue after a redrive: the same id, time
// and record.
func (m *message) move(c *content, source string, seq uint64) *message {
	return &message{
		content: c, id: m.id, seq: seq, sent: m.sent,
		source: source, receives: m.receives, base: m.receives, first: m.first,
	}
}

// resend makes the message of content c that a move task sends: a new id, enqueue time and receive count.
func (c *content) resend(id uuid.UUID, now time.Time, seq uint64) *message {
	again := *c
	n := &message{content: &again, id: id, seq: seq, sent: now.Truncate(time.Millisecond)}
	n.seal(append(again.newRecord(len(c.body)), c.body...))
	return n
}
