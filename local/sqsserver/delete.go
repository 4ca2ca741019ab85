package sqsserver

func (s *Server) deleteMessage(c *call) error { return s.single(c, s.deleteEntry) }

func (s *Server) deleteMessageBatch(c *call) error {
	return s.eachEntry(c, "DeleteMessage", s.deleteEntry)
}

// deleteEntry deletes the message of a receipt handle. Any handle the message was ever received by will do, and a
// message that is gone already is deleted as well as any. The caller holds the mutex.
func (s *Server) deleteEntry(q *queue, e *entry) ([]op, error) {
	m, err := q.byHandle(e.receiptHandle)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return []op{{kind: opBarrier}}, nil // another deletion may still be on its way to the store
	}
	q.remove(m)
	return []op{{kind: opDelete, queue: q.id, seq: m.seq}}, nil
}

// byHandle returns the message of a receipt handle, nil when it is no longer in the queue, and an error when the
// handle is none of this queue's.
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
