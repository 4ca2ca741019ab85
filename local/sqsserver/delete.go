package sqsserver

func (s *Server) deleteMessage(c *call) error { return s.single(c, s.deleteEntry) }

func (s *Server) deleteMessageBatch(c *call) error {
	return s.eachEntry(c, "DeleteMessage", s.deleteEntry)
}

// deleteEntry deletes the message of a receipt handle. Any handle from any of its receives is valid, and deleting
// a message that is already gone succeeds. The caller holds the mutex.
func (s *Server) deleteEntry(q *queue, e *entry) ([]op, error) {
	m, err := q.byHandle(e.receiptHandle)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return []op{{kind: opBarrier}}, nil // its earlier deletion may not be stored yet
	}
	q.remove(m)
	return []op{{kind: opDelete, queue: q.id, seq: m.seq}}, nil
}

// byHandle returns the message of a receipt handle, nil if it is no longer in the queue, and an error if the
// handle is not this queue's.
func (q *queue) byHandle(handle string) (*message, error) {
	if handle == "" {
		return nil, errMissing("ReceiptHandle")
	}
	r, ok := parseReceipt(handle)
	if !ok || r.queue != q.id {
		return nil, errReceiptHandle(handle)
	}
	m := q.messages[r.seq]
	if m == nil || m.id != r.id {
		return nil, nil
	}
	return m, nil
}

// drop removes expired messages from the store. The caller holds the mutex.
func (s *Server) drop(q *queue, expired []*message) {
	ops := make([]op, 0, len(expired))
	for _, m := range expired {
		ops = append(ops, op{kind: opDelete, queue: q.id, seq: m.seq})
	}
	s.store.add(ops...)
}
