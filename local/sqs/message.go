package sqs

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

// message is one message of one queue. record and what is read from it never change; the rest is guarded by the
// server's mutex.
type message struct {
	record     []byte // as stored, see record.go
	body       []byte // within record
	id         uuid.UUID
	seq        uint64 // order of arrival, unique in the server
	sent       time.Time
	notBefore  time.Time
	bodyMD5    string
	attributes []attribute
	attrMD5    string
	trace      string // AWSTraceHeader
	group      string // MessageGroupId, which fair queues use; here it is only returned

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

// move makes the message that stands for m in another queue after a redrive: the same id, time and record.
func (m *message) move(source string, seq uint64) *message {
	return &message{
		record: m.record, body: m.body, id: m.id, seq: seq, sent: m.sent, bodyMD5: m.bodyMD5, attributes: m.attributes,
		attrMD5: m.attrMD5, trace: m.trace, group: m.group,
		source: source, receives: m.receives, base: m.receives, first: m.first,
	}
}

// resend makes the message that a move task sends: a new id, enqueue time and receive count.
func (m *message) resend(id uuid.UUID, now time.Time, seq uint64) *message {
	n := &message{
		id: id, seq: seq, sent: now.Truncate(time.Millisecond), bodyMD5: m.bodyMD5,
		attributes: m.attributes, attrMD5: m.attrMD5, trace: m.trace, group: m.group,
	}
	n.seal(append(n.newRecord(len(m.body)), m.body...))
	return n
}
