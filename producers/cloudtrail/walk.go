package cloudtrail

import "polo/internal/redact"

// side is the part of a record a value stands in.
type side uint8

const (
	sideResponse side = iota
	sideRequest
	sideDetails // additionalEventData, serviceEventDetails, EventBridge detail
)

// leaf is one scalar of a record's free-form parts.
type leaf struct {
	key, parent *key // parent is the nearest name above that is no wrapper
	value       string
	object      int32    // the enclosing object, an index of scratch.objects
	inherited   keyFlags // filter and tag flags of everything above
	side        side
	depth       uint8
}

// object is a JSON object on the way to a leaf.
type object struct {
	up  int32
	key *key
}

// maxLeaves bounds the work on one record; what is beyond is kept as text only.
const maxLeaves = 20000

// scratch is the memory of one normalisation, reused by the next.
type scratch struct {
	leaves   []leaf
	objects  []object
	found    []candidate
	rating   rating
	services map[string]*service
	// above are what places are in, abovePlace those of the last.
	above      map[[3]string][]string
	place      [3]string
	abovePlace []string
	// callers are identities without secrets.
	callers map[string]struct{}
}

func (s *scratch) reset() {
	clear(s.leaves)
	clear(s.found)
	s.rating, s.place, s.abovePlace = rating{}, [3]string{}, nil
	s.leaves, s.objects, s.found = s.leaves[:0], s.objects[:0], s.found[:0]
}

// walk flattens the value under c into leaves and tells whether its text must be
// rewritten to be canonical.
func (s *scratch) walk(raw string, sd side, svc *service) (rewrite bool) {
	c := cursor{s: raw}
	s.value(&c, svc, walkAt{key: svc.root, parent: svc.root, object: -1, side: sd})
	return c.rewrite
}

// walkAt is where in a record the walk is.
type walkAt struct {
	key, parent *key
	object      int32
	inherited   keyFlags
	side        side
	depth       uint8
}

func (s *scratch) value(c *cursor, svc *service, at walkAt) {
	switch c.peek() {
	case '{':
		if at.depth >= maxWalkDepth {
			c.skip()
			return
		}
		s.members(c, svc, at)
	case '[':
		if at.depth >= maxWalkDepth {
			c.skip()
			return
		}
		at.depth++
		for ok := c.enter(); ok; ok = c.more() {
			s.value(c, svc, at)
		}
	case '"':
		s.add(at, unescape(c.quoted()))
	default:
		if v := c.literal(); v != "null" {
			s.add(at, v)
		}
	}
}

func (s *scratch) members(c *cursor, svc *service, at walkAt) {
	s.objects = append(s.objects, object{up: at.object, key: at.key})
	in := at
	in.object, in.depth = int32(len(s.objects)-1), at.depth+1
	for ok := c.enter(); ok; ok = c.more() {
		k := svc.key(unescape(c.name()))
		switch {
		case k.flags&keyPolicy != 0 && c.peek() == '{':
			c.skip()
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

func (s *scratch) add(at walkAt, value string) {
	if value == "" || len(s.leaves) >= maxLeaves {
		return
	}
	if value == redact.Mark && at.inherited&keyTags == 0 {
		return // nothing is called so
	}
	s.leaves = append(s.leaves, leaf{
		key: at.key, parent: at.parent, value: value, object: at.object,
		inherited: at.inherited, side: at.side, depth: at.depth,
	})
}

// sibling finds the value of another member of an object.
func (s *scratch) sibling(object int32, names ...string) string {
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

// anywhere finds the first value with a name, in the request before the response.
func (s *scratch) anywhere(name string) string {
	value := ""
	for i := range s.leaves {
		l := &s.leaves[i]
		if l.key.lower != name || l.inherited&keyFilter != 0 {
			continue
		}
		if l.side == sideRequest {
			return l.value
		}
		if value == "" {
			value = l.value
		}
	}
	return value
}

// within tells whether an object is root or lies inside it.
func (s *scratch) within(object, root int32) bool {
	for object >= 0 {
		if object == root {
			return true
		}
		object = s.objects[object].up
	}
	return false
}

// service is what is known of one eventSource: its table of rules, and the keys and
// operations met so far.
type service struct {
	name       string // "ec2"
	arnName    string // the service's name in ARNs
	root       *key
	rules      map[string][]memberRule
	keys       map[string]*key
	operations map[string]*operation
}

// maxCached bounds each cache, for names are foreign.
const maxCached = 4096

func (s *service) key(name string) *key {
	if k, ok := s.keys[name]; ok {
		return k
	}
	k := newKey(name, s.rules)
	if len(s.keys) < maxCached {
		s.keys[k.raw] = k
	}
	return k
}
