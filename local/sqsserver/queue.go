package sqsserver

import (
	"maps"
	"time"
)

// queue is one standard queue. The server's mutex guards it.
type queue struct {
	id         uint64 // never reused, unlike the name
	name, arn  string
	created    time.Time
	modified   time.Time
	attributes map[string]string // settable ones, defaults included
	config     config
	tags       map[string]string
	keep       bool // messages never expire
	// keysOf returns the keys by which the queue deduplicates waiting messages, nil if it does not. keys
	// holds those of its messages, and some of deleted ones; it is nil until the first send.
	keysOf DedupKeys
	keys   map[[16]byte]uint64

	messages map[uint64]*message // by seq
	ready    ready
	pending  pending
	inFlight int
	expires  time.Time // no message expires before; zero if there is none
	purged   time.Time
	deleted  bool

	wake    chan struct{} // closed and replaced when a message may be received
	waiters int

	recent []repeated // recently received, for the Duplicate fault
}

func newQueue(id uint64, name, arn string, now time.Time, attributes, tags map[string]string) *queue {
	return &queue{
		id: id, name: name, arn: arn, created: now, modified: now, attributes: attributes,
		config: parseConfig(attributes), tags: maps.Clone(tags), messages: map[uint64]*message{}, wake: make(chan struct{}),
	}
}

// add adds a message, to be received at once or from m.notBefore on.
func (q *queue) add(m *message, now time.Time) {
	q.messages[m.seq] = m
	if e := q.expiry(m); q.expires.IsZero() || e.Before(q.expires) {
		q.expires = e
	}
	if m.notBefore.After(now) {
		m.state, m.visibleAt = stateDelayed, m.notBefore
		q.pending.add(m)
		q.signal() // a waiter must reset its timer
		return
	}
	q.ready.push(m)
	q.signal()
}

// expiry returns when a message passes its retention.
func (q *queue) expiry(m *message) time.Time {
	if q.keep {
		return m.sent.AddDate(1000, 0, 0)
	}
	return m.sent.Add(q.config.retention)
}

// remove removes a message for good.
func (q *queue) remove(m *message) {
	switch m.state {
	case stateReady:
		q.ready.drop(m)
	case stateInFlight:
		q.inFlight--
		q.pending.remove(m)
	case stateDelayed:
		q.pending.remove(m)
	case stateGone:
		return
	}
	m.state = stateGone
	delete(q.messages, m.seq)
}

// take puts a message in flight until the visibility timeout is over.
func (q *queue) take(m *message, now time.Time, visibility time.Duration) {
	m.receives++
	m.received = now
	if m.first.IsZero() {
		m.first = now.Truncate(time.Millisecond)
	}
	m.visibleAt = now.Add(visibility)
	if m.state == stateInFlight {
		q.pending.fix(m)
		return
	}
	m.state = stateInFlight
	q.inFlight++
	q.pending.add(m)
}

// promote makes messages visible whose time has come.
func (q *queue) promote(now time.Time) {
	for len(q.pending) > 0 && !q.pending[0].visibleAt.After(now) {
		m := q.pending[0]
		q.pending.remove(m)
		if m.state == stateInFlight {
			q.inFlight--
		}
		q.ready.push(m)
	}
}

// sweep removes expired messages and returns them.
func (q *queue) sweep(now time.Time) []*message {
	if q.expires.IsZero() || now.Before(q.expires) {
		return nil
	}
	var expired []*message
	q.expires = time.Time{}
	for _, m := range q.messages {
		e := q.expiry(m)
		if !now.Before(e) {
			expired = append(expired, m)
		} else if q.expires.IsZero() || e.Before(q.expires) {
			q.expires = e
		}
	}
	for _, m := range expired {
		q.remove(m)
	}
	// In a busy queue messages expire one by one: scan all of them at most once a second.
	if soon := now.Add(time.Second); !q.expires.IsZero() && q.expires.Before(soon) {
		q.expires = soon
	}
	return expired
}

// clear removes everything.
func (q *queue) clear() {
	for _, m := range q.messages {
		m.state = stateGone
	}
	q.messages = map[uint64]*message{}
	q.ready, q.pending, q.inFlight, q.recent, q.expires = ready{}, nil, 0, nil, time.Time{}
}

// signal wakes the long polls.
func (q *queue) signal() {
	if q.waiters == 0 {
		return
	}
	close(q.wake)
	q.wake = make(chan struct{})
	q.waiters = 0
}

// delayedCount returns the number of delayed messages.
func (q *queue) delayedCount() int { return len(q.pending) - q.inFlight }

// reconfigure applies new settable attributes.
func (q *queue) reconfigure(attributes map[string]string, now time.Time) {
	q.attributes, q.config = attributes, parseConfig(attributes)
	q.modified = now
	q.expires = time.Time{}
	if len(q.messages) > 0 {
		q.expires = now // the next sweep recomputes it for the new retention
	}
	q.signal()
}
