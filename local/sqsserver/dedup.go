package sqsserver

import "errors"

// Sent is a message as its sender sent it: its body, and its attributes of type String.
type Sent struct {
	Body       []byte
	Attributes map[string]string
}

// DedupKeys returns the deduplication keys of a message, one for each thing that it says; none if
// it is unique. It is called by one goroutine at a time.
type DedupKeys func(Sent) [][16]byte

// Deduplicate makes a queue deduplicate waiting messages, which a standard queue of AWS does not
// do. A sent message is acknowledged and dropped if the messages that wait have all of its
// keys. A message in flight does not count, because whoever received it may delete it.
func (s *Server) Deduplicate(queueName string, keysOf DedupKeys) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[queueName]
	if q == nil {
		return errNoQueue()
	}
	q.keysOf, q.keys = keysOf, nil
	return nil
}

// covered reports whether waiting messages of q have all of m's keys. If not, m's new keys
// count from now on. The keys are indexed, and the caller holds the mutex.
func (q *queue) covered(m *message) bool {
	if q.keysOf == nil {
		return false
	}
	if len(q.messages) == 0 {
		clear(q.keys)
	}
	keys := q.keysOf(m.content.sent())
	all := len(keys) > 0
	for _, key := range keys {
		if other := q.messages[q.keys[key]]; other == nil || other.state == stateInFlight { //mutant:letter-in-hand-counts
			all, q.keys[key] = false, m.seq //mutant:part-of-a-letter-stands-for-it
		}
	}
	return all
}

// index computes the keys of q's messages, if q deduplicates and they are not known. The
// caller holds the mutex.
func (s *Server) index(q *queue) error {
	if q.keysOf == nil || q.keys != nil {
		return nil
	}
	keys := make(map[[16]byte]uint64, len(q.messages))
	err := s.each(q, func(seq uint64, c *content) {
		for _, key := range q.keysOf(c.sent()) {
			keys[key] = max(keys[key], seq)
		}
	})
	if err != nil {
		return err
	}
	q.keys = keys
	return nil
}

// Each calls do for every message of a queue, in flight or not. do must not call the server.
func (s *Server) Each(queueName string, do func(Sent)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[queueName]
	if q == nil {
		return errNoQueue()
	}
	return s.each(q, func(_ uint64, c *content) { do(c.sent()) })
}

// each calls do for the content of every message of q. The caller holds the mutex.
func (s *Server) each(q *queue, do func(seq uint64, c *content)) error {
	for seq, m := range q.messages {
		c, err := s.content(q.id, m)
		if errors.Is(err, errNoRecord) {
			continue
		}
		if err != nil {
			return err
		}
		do(seq, c)
	}
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
