package sqsserver

import (
	"encoding/json"
	"log/slog"
	"slices"
	"time"
)

// checkRedrive checks a new redrive policy of the queue arn against the queue that it points to. The caller holds the
// mutex.
func (s *Server) checkRedrive(arn string, given map[string]string) error {
	text := given["RedrivePolicy"]
	if text == "" {
		return nil
	}
	var policy redrivePolicy
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return errValue(text, "RedrivePolicy", "Redrive policy is not a valid JSON map.")
	}
	target := s.findARN(policy.Target)
	switch {
	case policy.Target == arn:
		return errValue(text, "RedrivePolicy", "A queue can't be its own dead letter queue.")
	case target == nil:
		return errValue(text, "RedrivePolicy", "Dead letter target does not exist.")
	case !target.config.allow.allows(arn):
		return errValue(text, "RedrivePolicy", "Queue "+arn+" is not permitted by the redrive allow policy of its dead letter target.")
	}
	return nil
}

// deadLetter moves a message that was received as often as its queue allows, taken from the line, to the dead-letter
// queue. It reports whether it did: if the target is gone the message stays. The caller holds the mutex.
func (s *Server) deadLetter(q *queue, m *message, now time.Time) bool {
	policy := q.config.redrive
	if policy == nil || int(m.receives-m.base) < policy.Max {
		return false
	}
	target := s.findARN(policy.Target)
	if target == nil {
		return false
	}
	c, err := s.content(q.id, m)
	if err != nil {
		s.options.Logger.Error("redrive failed; the message stays in its queue", slog.String("queue", q.name), slog.Any("error", err))
		return false
	}
	s.seq++
	moved := m.move(c, q.arn, s.seq)
	delete(q.messages, m.seq)
	m.state = stateGone
	target.add(moved, now)
	s.store.add(
		putMessage(target, moved),
		op{kind: opPutProgress, queue: target.id, seq: moved.seq, value: moved.progress()},
		op{kind: opDelete, queue: q.id, seq: m.seq},
	)
	return true
}

// sources returns the names of the queues whose dead-letter queue is q, sorted. The caller holds the mutex.
func (s *Server) sources(q *queue) []string {
	var names []string
	for _, other := range s.queues {
		if other.config.redrive != nil && other.config.redrive.Target == q.arn {
			names = append(names, other.name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *Server) listSources(c *call) error {
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	names := s.sources(q)
	s.mu.Unlock()
	return s.writePage(c, "queueUrls", names)
}
