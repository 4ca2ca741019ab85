package sqsserver

import (
	"maps"
	"slices"
	"unicode/utf8"
)

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return errParameter("Too many tags added for queue: the limit is %d.", maxTags)
	}
	for key, value := range tags {
		if n := utf8.RuneCountInString(key); n < 1 || n > maxTagKey {
			return errParameter("Tag keys must be between 1 and %d characters in length.", maxTagKey)
		}
		if utf8.RuneCountInString(value) > maxTagValue {
			return errParameter("Tag values must be between 0 and %d characters in length.", maxTagValue)
		}
	}
	return nil
}

func (s *Server) tagQueue(c *call) error {
	if len(c.tags) == 0 {
		return errMissing("Tags")
	}
	return s.retag(c, func(tags map[string]string) error {
		maps.Copy(tags, c.tags)
		return checkTags(tags)
	})
}

func (s *Server) untagQueue(c *call) error {
	if len(c.tagKeys) == 0 {
		return errMissing("TagKeys")
	}
	return s.retag(c, func(tags map[string]string) error {
		for _, key := range c.tagKeys {
			delete(tags, key)
		}
		return nil
	})
}

// retag changes the call's queue's tags, all or none.
func (s *Server) retag(c *call, change func(map[string]string) error) error {
	return s.update(c, func(q *queue) error {
		tags := map[string]string{}
		maps.Copy(tags, q.tags)
		if err := change(tags); err != nil {
			return err
		}
		q.tags = tags
		return nil
	})
}

// update changes the call's queue's metadata and stores it.
func (s *Server) update(c *call, change func(*queue) error) error {
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err == nil {
		err = change(q)
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	g := s.store.add(putQueue(q))
	s.mu.Unlock()
	if err := g.wait(); err != nil {
		return err
	}
	return c.empty()
}

func (s *Server) listQueueTags(c *call) error {
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	tags := q.tags // replaced, never modified
	s.mu.Unlock()
	c.out.ObjStart()
	if len(tags) > 0 {
		c.out.FieldStart("Tags")
		writeMap(c.out, slices.Sorted(maps.Keys(tags)), tags)
	}
	c.out.ObjEnd()
	return nil
}
