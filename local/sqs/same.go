package sqs

import "errors"

// Sent is a message as its sender gave it: its body, and its attributes of type String.
type Sent struct {
	Body       []byte
	Attributes map[string]string
}

// Same tells messages apart: two of one key say the same. ok is false for a message that is
// like no other.
type Same func(Sent) (key [16]byte, ok bool)

// KeepOne makes a queue hold one of those messages that say the same, as a standard queue of
// AWS does not: one that is sent while another waits to be received is acknowledged,
// and that one stands for it. While the other is in flight both are kept, for whoever has it may delete it.
func (s *Server) KeepOne(queueName string, same Same) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[queueName]
	if q == nil {
		return errNoQueue()
	}
	q.same, q.keys = same, nil
	return nil
}

// waits reports whether a message of q waits that says what m does; if not, m stands for its
// like from now on. The keys are known, and the caller holds the mutex.
func (q *queue) waits(m *message) bool {
	if q.same == nil {
		return false
	}
	key, ok := q.same(m.content.sent())
	if !ok {
		return false
	}
	if other := q.messages[q.keys[key]]; other != nil && other.state != stateInFlight {
		return true
	}
	q.keys[key] = m.seq
	return false
}

// index finds the keys of what q holds, where they are asked for and not known. The caller
// holds the mutex.
func (s *Server) index(q *queue) error {
	if q.same == nil || q.keys != nil {
		return nil
	}
	keys := make(map[[16]byte]uint64, len(q.messages))
	for seq, m := range q.messages {
		c, err := s.content(q.id, m)
		if errors.Is(err, errNoRecord) {
			continue
		}
		if err != nil {
			return err
		}
		if key, ok := q.same(c.sent()); ok {
			keys[key] = max(keys[key], seq)
		}
	}
	q.keys = keys
	return nil
}

func (c *content) sent() Sent {
	out := Sent{Body: c.body, Attributes: make(map[string]string, len(c.attributes))}
	for _, a := range c.attributes {
		if !a.binary {
			out.Attributes[a.name] = string(a.value)
		}
	}
	return out
}
