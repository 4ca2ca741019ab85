package sqsserver

import (
	"time"

	"github.com/google/uuid"
)

// messageState is a message's state in its queue.
type messageState uint8

const (
	stateReady    messageState = iota // may be received
	stateDelayed                      // sent, not yet to be received
	stateInFlight                     // received, not yet deleted
	stateGone                         // deleted, moved, expired or purged
)

// content is what a sender sent. It never changes.
type content struct {
	record     []byte // as stored, see record.go
	body       []byte // within record
	bodyMD5    string
	attributes []attribute
	attrMD5    string
	trace      string // AWSTraceHeader
	group      string // MessageGroupId, which fair queues use; here it is only returned
}

// message is a message of a queue. id, seq and its send times never change; the server's mutex guards the rest.
type message struct {
	// content is nil once it is stored: memory holds only what a queue needs to know of a waiting message.
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

// move returns the message that replaces m, whose content is c, in another queue after a redrive: it has the same
// id, time and record.
func (m *message) move(c *content, source string, seq uint64) *message {
	return &message{
		content: c, id: m.id, seq: seq, sent: m.sent,
		source: source, receives: m.receives, base: m.receives, first: m.first,
	}
}

// resend returns the message with content c that a move task sends: it has a new id, enqueue time and receive count.
func (c *content) resend(id uuid.UUID, now time.Time, seq uint64) *message {
	again := *c
	n := &message{content: &again, id: id, seq: seq, sent: now.Truncate(time.Millisecond)}
	n.seal(append(again.newRecord(len(c.body)), c.body...))
	return n
}
