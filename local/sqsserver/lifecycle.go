package sqsserver

import (
	"maps"
	"slices"
	"strings"
)

func checkQueueName(name string) error {
	switch {
	case name == "":
		return errMissing("QueueName")
	case strings.HasSuffix(name, ".fifo"):
		return errUnsupported("FIFO queues are not supported by this server: the queue name can't end in .fifo.")
	case len(name) > maxQueueName || strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) }):
		return errParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

func (s *Server) createQueue(c *call) error {
	if err := checkQueueName(c.queueName); err != nil {
		return err
	}
	if err := checkTags(c.tags); err != nil {
		return err
	}
	given, err := normaliseAll(c.attributes)
	if err != nil {
		return err
	}
	s.mu.Lock()
	g, err := s.create(c, given)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := g.wait(); err != nil {
		return err
	}
	c.out.ObjStart()
	c.out.FieldStart("QueueUrl")
	c.out.Str(s.url(c, c.queueName))
	c.out.ObjEnd()
	return nil
}

// create creates the call's queue unless it exists with the same attributes. The caller holds the mutex.
func (s *Server) create(c *call, given map[string]string) (*group, error) {
	if q := s.queues[c.queueName]; q != nil {
		for _, name := range slices.Sorted(maps.Keys(given)) {
			if q.attributes[name] != given[name] {
				return nil, errQueueExists(name)
			}
		}
		return s.store.add(op{kind: opBarrier}), nil // its creation may not be stored yet
	}
	now := s.now()
	if at, ok := s.deleted[c.queueName]; ok {
		if now.Sub(at) < deletedRecently {
			return nil, errDeletedRecently()
		}
		delete(s.deleted, c.queueName)
	}
	if err := s.checkRedrive(s.arn(c.queueName), given); err != nil {
		return nil, err
	}
	attributes := defaultAttributes()
	merge(attributes, given)
	s.queueID++
	q := newQueue(s.queueID, c.queueName, s.arn(c.queueName), now, attributes, c.tags)
	q.keep = s.options.KeepExpired
	s.queues[q.name] = q
	return s.store.add(putQueue(q)), nil
}

func (s *Server) deleteQueue(c *call) error {
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	delete(s.queues, q.name)
	delete(s.moves, q.arn)
	s.deleted[q.name] = s.now()
	q.deleted = true
	q.clear()
	q.signal()
	g := s.store.add(op{kind: opDeleteQueue, queue: q.id})
	s.mu.Unlock()
	if err := g.wait(); err != nil {
		return err
	}
	return c.empty()
}

func (s *Server) getQueueURL(c *call) error {
	if c.queueName == "" {
		return errMissing("QueueName")
	}
	s.mu.Lock()
	_, ok := s.queues[c.queueName]
	s.mu.Unlock()
	if !ok || c.ownerAccount != "" && c.ownerAccount != s.options.Account {
		return errNoQueue()
	}
	c.out.ObjStart()
	c.out.FieldStart("QueueUrl")
	c.out.Str(s.url(c, c.queueName))
	c.out.ObjEnd()
	return nil
}

func (s *Server) listQueues(c *call) error {
	s.mu.Lock()
	var names []string
	for name := range s.queues {
		if strings.HasPrefix(name, c.prefix) {
			names = append(names, name)
		}
	}
	s.mu.Unlock()
	slices.Sort(names)
	return s.writePage(c, "QueueUrls", names)
}

// purgeQueue empties a queue, messages in flight included.
func (s *Server) purgeQueue(c *call) error {
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	now := s.now()
	if !q.purged.IsZero() && now.Sub(q.purged) < purgeInterval {
		s.mu.Unlock()
		return errPurging(q.name)
	}
	q.purged = now
	q.clear()
	g := s.store.add(op{kind: opPurge, queue: q.id})
	s.mu.Unlock()
	if err := g.wait(); err != nil {
		return err
	}
	return c.empty()
}
