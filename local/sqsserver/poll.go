package sqsserver

import "time"

// poll receives, and waits for a first message as long as the call or its queue says.
func (s *Server) poll(c *call, most int) (*queue, []delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(c.queueURL)
	if err != nil {
		return nil, nil, err
	}
	wait := q.config.wait
	if c.wait.set {
		wait = time.Duration(c.wait.value) * time.Second
	}
	deadline := s.now().Add(wait)
	for first := true; ; first = false {
		if err := c.ctx.Err(); err != nil {
			return nil, nil, err
		}
		if q.deleted {
			return nil, nil, errNoQueue()
		}
		now := s.now()
		visibility := q.config.visibility
		if c.visibility.set {
			visibility = time.Duration(c.visibility.value) * time.Second
		}
		full := q.inFlight >= maxInFlight
		deliveries := s.receive(q, most, now, visibility)
		if first {
			deliveries = append(deliveries, s.repeat(q, most-len(deliveries), now, visibility)...)
		}
		if len(deliveries) == 0 && full && wait == 0 {
			// A long poll returns no messages instead.
			return nil, nil, errOverLimit("Too many messages in flight: the limit is 120000.")
		}
		if len(deliveries) > 0 || !now.Before(deadline) || s.ctx.Err() != nil {
			return q, deliveries, nil
		}
		s.await(c, q, deadline, now)
	}
}

// await blocks, without the mutex, until something may be received, the deadline passes or the client disconnects.
func (s *Server) await(c *call, q *queue, deadline, now time.Time) {
	until := deadline
	if len(q.pending) > 0 && q.pending[0].visibleAt.Before(until) {
		until = q.pending[0].visibleAt
	}
	q.waiters++
	wake := q.wake
	s.mu.Unlock()
	defer s.mu.Lock()
	// A clock that stands still must not make this spin.
	timer := time.NewTimer(max(until.Sub(now), time.Millisecond))
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-c.ctx.Done():
	case <-s.ctx.Done():
	}
}
