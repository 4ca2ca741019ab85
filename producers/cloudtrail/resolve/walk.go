package resolve

import (
	"polo/internal/redact"
	"polo/producers/cloudtrail/jsontext"
)

// Side is the part of a record that a value is in.
type Side uint8

// Sides of a record.
const (
	Response Side = iota
	Request
	Details // additionalEventData, serviceEventDetails, EventBridge detail
)

// leaf is one scalar of a record's free-form parts.
type leaf struct {
	key, parent *key // parent is the nearest name above that is not a wrapper
	value       string
	object      int32    // the enclosing object, an index of Resolver.objects
	inherited   keyFlags // filter and tag flags of all names above
	side        Side
	depth       uint8
}

// object is a JSON object on the way to a leaf.
type object struct {
	up  int32
	key *key
}

// maxLeaves bounds the leaves of one record; further values are only kept as text.
const maxLeaves = 20000

// Resolver finds the resources that records name. It handles one record at a time, and caches
// what it learns of services.
type Resolver struct {
	leaves   []leaf
	objects  []object
	found    []Candidate
	rating   rating
	services map[string]*Service
	// above caches the ancestors of places, abovePlace those of the last one.
	above      map[[3]string][]string
	place      [3]string
	abovePlace []string
}

// New returns a Resolver with empty caches.
func New() *Resolver {
	return &Resolver{services: map[string]*Service{}, above: map[[3]string][]string{}}
}

// Reset forgets a record.
func (s *Resolver) Reset() {
	clear(s.leaves)
	clear(s.found)
	s.rating, s.place, s.abovePlace = rating{}, [3]string{}, nil
	s.leaves, s.objects, s.found = s.leaves[:0], s.objects[:0], s.found[:0]
}

// Walk reads a part of a record, valid JSON, into leaves for Collect, and reports whether its
// text is not canonical.
func (s *Resolver) Walk(raw string, side Side, svc *Service) (rewrite bool) {
	c := jsontext.New(raw)
	s.value(&c, svc, walkAt{key: svc.root, parent: svc.root, object: -1, side: side})
	return c.Rewrite()
}

// walkAt is the position of the walk in a record.
type walkAt struct {
	key, parent *key
	object      int32
	inherited   keyFlags
	side        Side
	depth       uint8
}

func (s *Resolver) value(c *jsontext.Cursor, svc *Service, at walkAt) {
	switch c.Peek() {
	case '{':
		if at.depth >= jsontext.MaxDepth {
			c.Skip()
			return
		}
		s.members(c, svc, at)
	case '[':
		if at.depth >= jsontext.MaxDepth {
			c.Skip()
			return
		}
		at.depth++
		for ok := c.Enter(); ok; ok = c.More() {
			s.value(c, svc, at)
		}
	case '"':
		s.add(at, jsontext.Unescape(c.Quoted()))
	default:
		if v := c.Literal(); v != "null" {
			s.add(at, v)
		}
	}
}

func (s *Resolver) members(c *jsontext.Cursor, svc *Service, at walkAt) {
	s.objects = append(s.objects, object{up: at.object, key: at.key})
	in := at
	in.object, in.depth = int32(len(s.objects)-1), at.depth+1
	for ok := c.Enter(); ok; ok = c.More() {
		k := svc.key(jsontext.Unescape(c.Name()))
		switch {
		case k.flags&keyPolicy != 0 && c.Peek() == '{':
			c.Skip()
			continue
		case k.flags&keyWrapper != 0:
			in.key, in.parent = at.key, at.parent
		default:
			in.key, in.parent = k, at.key
		}
		in.inherited = at.inherited | k.flags&(keyFilter|keyTags)
		s.value(c, svc, in)
	}
}

func (s *Resolver) add(at walkAt, value string) {
	if value == "" || len(s.leaves) >= maxLeaves {
		return
	}
	if value == redact.Mark && at.inherited&keyTags == 0 {
		return // no resource has such a name
	}
	s.leaves = append(s.leaves, leaf{
		key: at.key, parent: at.parent, value: value, object: at.object,
		inherited: at.inherited, side: at.side, depth: at.depth,
	})
}

// sibling returns the value of another member of an object.
func (s *Resolver) sibling(object int32, names ...string) string {
	for i := range s.leaves {
		if l := &s.leaves[i]; l.object == object {
			for _, name := range names {
				if l.key.lower == name {
					return l.value
				}
			}
		}
	}
	return ""
}

// Anywhere returns the first value with a name, in the request before the response.
func (s *Resolver) Anywhere(name string) string {
	value := ""
	for i := range s.leaves {
		l := &s.leaves[i]
		if l.key.lower != name || l.inherited&keyFilter != 0 {
			continue
		}
		if l.side == Request {
			return l.value
		}
		if value == "" {
			value = l.value
		}
	}
	return value
}

// within reports whether an object is root or lies inside it.
func (s *Resolver) within(object, root int32) bool {
	for object >= 0 {
		if object == root {
			return true
		}
		object = s.objects[object].up
	}
	return false
}

// IsEmpty reports whether nothing was walked.
func (s *Resolver) IsEmpty() bool { return len(s.leaves) == 0 }

// Outermost returns the value of a part's top-level member with one of the names, in lower case,
// the first name first; "" if there is none.
func (s *Resolver) Outermost(names ...string) string {
	for _, name := range names {
		for i := range s.leaves {
			if l := &s.leaves[i]; l.depth == 1 && l.key.lower == name {
				return l.value
			}
		}
	}
	return ""
}

// InResponse returns the first value of a member of the response; its name is in lower case.
func (s *Resolver) InResponse(name string) string {
	for i := range s.leaves {
		if l := &s.leaves[i]; l.side == Response && l.key.lower == name {
			return l.value
		}
	}
	return ""
}
