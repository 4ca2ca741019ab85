package sqsserver

import (
	"errors"
	"slices"
	"time"
)

// delivery is a message as one receive returns it.
type delivery struct {
	m        *message
	content  *content // read from the store after the mutex is released
	handle   string
	receives uint32
	first    time.Time
	source   string
	ghost    bool // deleted before; the Duplicate fault redelivers it
}

func (s *Server) receiveMessage(c *call) error {
	most := c.maxMessages.or(1)
	if most < 1 || most > maxReceiveBatch {
		return errValue(most, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
	}
	if w := c.wait.or(0); w < 0 || w > maxWait {
		return errValue(w, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
	}
	if v := c.visibility.or(0); v < 0 || v > maxVisibility {
		return errValue(v, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided.")
	}
	system, err := systemNames(slices.Concat(c.attributeNames, c.systemAttributeNames))
	if err != nil {
		return err
	}
	q, deliveries, err := s.poll(c, int(most))
	if err != nil {
		return err
	}
	if len(deliveries) > 0 {
		c.undo = func() { s.giveBack(q, deliveries) }
		if deliveries, err = s.fetch(q, deliveries); err != nil {
			c.undo()
			return err
		}
	}
	s.writeDeliveries(c, deliveries, system)
	return nil
}

// fetch reads the contents of deliveries. It leaves out what was deleted, purged or expired meanwhile.
func (s *Server) fetch(q *queue, deliveries []delivery) ([]delivery, error) {
	there := make([]delivery, 0, len(deliveries))
	for _, d := range deliveries {
		if d.content == nil {
			var err error
			d.content, err = s.store.read(q.id, d.m.seq)
			if errors.Is(err, errNoRecord) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		there = append(there, d)
	}
	return there, nil
}

// content returns a message's content, from the store if it is there. The caller holds the mutex.
func (s *Server) content(queue uint64, m *message) (*content, error) {
	if m.content != nil {
		return m.content, nil
	}
	return s.store.read(queue, m.seq)
}

// dropContents drops the contents of messages that are stored.
func (s *Server) dropContents(stored []op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range stored {
		if o.message != nil { //mutant:bodies-stay-in-memory
			o.message.content = nil
		}
	}
}

// receive takes up to most messages from the line. The caller holds the mutex.
func (s *Server) receive(q *queue, most int, now time.Time, visibility time.Duration) []delivery {
	q.promote(now)
	var deliveries []delivery
	var ops []op
	most = min(most, maxInFlight-q.inFlight)
	for len(deliveries) < most {
		m := q.ready.pop(s.dice.order)
		if m == nil {
			break
		}
		if !now.Before(q.expiry(m)) {
			m.state = stateGone
			delete(q.messages, m.seq)
			s.drop(q, []*message{m})
			continue
		}
		if s.deadLetter(q, m, now) {
			continue
		}
		q.take(m, now, visibility)
		deliveries = append(deliveries, q.deliver(m))
		ops = append(ops, op{kind: opPutProgress, queue: q.id, seq: m.seq, value: m.progress()})
		s.recordReceived(q, m)
	}
	s.store.add(ops...) // without waiting: a receive count that a crash forgets does no harm
	return deliveries
}

func (q *queue) deliver(m *message) delivery {
	r := receipt{queue: q.id, seq: m.seq, id: m.id, receive: m.receives}
	return delivery{m: m, content: m.content, handle: r.String(), receives: m.receives, first: m.first, source: m.source}
}

// giveBack undoes a receive whose response was never sent: the messages are first in line again and the receive
// does not count.
func (s *Server) giveBack(q *queue, deliveries []delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ops []op
	for _, d := range slices.Backward(deliveries) {
		m := d.m
		if d.ghost || m.state != stateInFlight || m.receives != d.receives {
			continue // received by somebody else by now
		}
		m.receives--
		if m.receives == 0 {
			m.first = time.Time{}
		}
		q.pending.remove(m)
		q.inFlight--
		q.ready.pushFront(m)
		ops = append(ops, op{kind: opPutProgress, queue: q.id, seq: m.seq, value: m.progress()})
	}
	s.store.add(ops...)
	q.signal()
}
