package sqsserver

import "errors"

// Sent is a message as its sender gave it: its body, and its attributes of type String.
type Sent struct {
	Body       []byte
	Attributes map[string]string
}

// Same is a key for each thing that a message says, none for a message that is like no other.
// It is called by one goroutine at a time.
type Same func(Sent) [][16]byte

// KeepOne makes a queue hold one of those messages that say the same, as a standard queue of
// AWS does not: one that is sent while others that say all it does wait to be received is
// acknowledged, and those stand for it. One that is in flight stands for nothing, for whoever
// has it may delete it.
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

// waits reports whether messages of q wait that say what m does; if not, m stands for what
// none of them says from now on. The keys are known, and the caller holds the mutex.
func (q *queue) waits(m *message) bool {
	if q.same == nil {
		return false
	}
	if len(q.messages) == 0 {
		clear(q.keys)
	}
	keys := q.same(m.content.sent())
	all := len(keys) > 0
	for _, key := range keys {
		if other := q.messages[q.keys[key]]; other == nil || other.state == stateInFlight {
			all, q.keys[key] = false, m.seq
		}
	}
	return all
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
		for _, key := range q.same(c.sent()) {
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
