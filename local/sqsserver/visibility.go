package sqsserver

import "time"

func (s *Server) changeVisibility(c *call) error { return s.single(c, s.visibilityEntry) }

func (s *Server) changeVisibilityBatch(c *call) error {
	return s.eachEntry(c, "ChangeMessageVisibility", s.visibilityEntry)
}

// visibilityEntry makes a message in flight invisible for a time from now, or visible at once for 0 seconds. The
// caller holds the mutex.
func (s *Server) visibilityEntry(q *queue, e *entry) ([]op, error) {
	m, err := q.byHandle(e.receiptHandle)
	if err != nil {
		return nil, err
	}
	if !e.visibility.set {
		return nil, errMissing("VisibilityTimeout")
	}
	seconds := e.visibility.value
	if seconds < 0 || seconds > maxVisibility {
		return nil, errValue(seconds, "VisibilityTimeout", "VisibilityTimeout must be an integer between 0 and 43200")
	}
	if m == nil {
		return nil, errValue(shorten(e.receiptHandle), "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	}
	now := s.now()
	q.promote(now)
	if m.state != stateInFlight {
		return nil, errNotInFlight()
	}
	until := now.Add(time.Duration(seconds) * time.Second)
	if until.Sub(m.received) > maxVisibility*time.Second {
		return nil, errValue(seconds, "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	m.visibleAt = until
	q.pending.fix(m)
	q.promote(now)
	q.signal() // a message is visible, or a waiter's timer is wrong
	return nil, nil
}
