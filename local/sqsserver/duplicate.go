package sqsserver

import (
	"slices"
	"time"
)

// repeated is a message that may be delivered again after its deletion.
type repeated struct {
	message *message
	content *content
}

// recordReceived records a received message for the Duplicate fault. The caller holds the mutex.
func (s *Server) recordReceived(q *queue, m *message) {
	if !s.dice.duplicates() || m.repetitions >= maxRepetitions || slices.ContainsFunc(q.recent, func(r repeated) bool { return r.message == m }) {
		return
	}
	if len(q.recent) == maxRecent {
		q.recent = slices.Delete(q.recent, 0, 1)
	}
	c, err := s.content(q.id, m)
	if err != nil {
		return // not possible: just do not repeat it
	}
	q.recent = append(q.recent, repeated{m, c})
}

// repeat is the Duplicate fault: it delivers at most one of the recently received messages again. The caller
// holds the mutex.
func (s *Server) repeat(q *queue, room int, now time.Time, visibility time.Duration) []delivery {
	if room < 1 || len(q.recent) == 0 || !s.dice.repeat() {
		return nil
	}
	i := s.dice.pick(len(q.recent))
	m, c := q.recent[i].message, q.recent[i].content
	if m.repetitions++; m.repetitions >= maxRepetitions {
		q.recent = slices.Delete(q.recent, i, i+1)
	}
	policy := q.config.redrive
	switch {
	case policy != nil && int(m.receives-m.base) >= policy.Max:
		return nil // it has no receives left
	case m.state == stateInFlight:
		q.take(m, now, visibility)
		s.store.add(op{kind: opPutProgress, queue: q.id, seq: m.seq, value: m.progress()})
		return []delivery{q.deliver(m)}
	case m.state == stateGone:
		m.receives++
		d := q.deliver(m)
		d.content, d.ghost = c, true
		return []delivery{d}
	}
	return nil // visible again: it is delivered anyway
}
