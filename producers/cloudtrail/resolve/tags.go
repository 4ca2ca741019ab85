package resolve

import (
	"strings"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// Tag is one tag that a call sets, and the type of resource it is for.
type Tag struct {
	name, value string
	forType     string // plain type, or "" for all
}

// Tags returns the tags that a request sets or a response repeats: lists of {key, value} in the
// services' several spellings, and maps.
func (s *Resolver) Tags() []Tag {
	var out []Tag
	for i := range s.leaves {
		l := &s.leaves[i]
		if l.inherited&keyTags == 0 || l.inherited&keyFilter != 0 || l.object < 0 {
			continue
		}
		switch l.key.lower {
		case "key", "tagkey":
			if value, ok := s.tagValue(i); ok {
				out = append(out, s.pair(l.object, l.value, value))
				continue
			}
		case "value", "tagvalue", "tag", "resourcetype", "propagateatlaunch", "resourceid", "xmlns", "quantity":
			continue
		}
		if l.parent.flags&keyTags != 0 && l.key != l.parent && l.key.flags&keyTags == 0 {
			out = append(out, Tag{name: l.key.raw, value: l.value})
		}
	}
	return out
}

// tagValue returns the value beside the name at leaf i. A tag without a value has an empty one.
func (s *Resolver) tagValue(i int) (string, bool) {
	object := s.leaves[i].object
	alone := true
	for j := max(0, i-3); j < len(s.leaves) && j < i+4; j++ {
		l := &s.leaves[j]
		if l.object != object || j == i {
			continue
		}
		if l.key.lower == "value" || l.key.lower == "tagvalue" {
			return l.value, true
		}
		alone = alone && l.key.lower == "tag"
	}
	return "", alone // otherwise it is a map with a tag "key"
}

func (s *Resolver) pair(object int32, name, value string) Tag {
	p := Tag{name: name, value: value}
	if up := s.objects[object].up; up >= 0 && strings.HasPrefix(s.objects[up].key.lower, "tagspecification") {
		p.forType = awscatalog.PlainWord(s.sibling(up, "resourcetype"))
	}
	return p
}

// TagsFor returns the tags of a resource of one type, or nil.
func TagsFor(pairs []Tag, typ string) envelope.Pairs {
	var tags envelope.Pairs
	for _, p := range pairs {
		if p.forType != "" && p.forType != typ {
			continue
		}
		tags.Set(p.name, p.value)
	}
	return tags
}
