package inventory

import (
	"polo/envelope"
	"polo/producers/inventory/document"
)

// tagsOf parses tags in every form of AWS: a list of {Key, Value} or {TagKey, TagValue}, or a
// map. known reports whether the answer states tags at all.
func tagsOf(values []document.Value) (tags envelope.Pairs, known bool) {
	for _, v := range values {
		o, ok := v.(document.Object)
		if !ok {
			continue
		}
		known = true
		if name, value, ok := tagOf(o); ok {
			tags.Set(name, value)
			continue
		}
		for _, m := range o {
			if m.Name != "" {
				tags.Set(m.Name, exact(m.Value))
			}
		}
	}
	return tags, known
}

// tagOf parses an element of a list of tags. ok is false for a map of tags that has a tag "key"
// but no value beside it.
func tagOf(o document.Object) (name, value string, ok bool) {
	for _, spelling := range [...][2]string{{"Key", "Value"}, {"TagKey", "TagValue"}} {
		if !o.Has(spelling[0]) {
			continue
		}
		name, value = exact(o.Get(spelling[0])), exact(o.Get(spelling[1]))
		if name != "" && (o.Has(spelling[1]) || len(o) == 1) {
			return name, value, true
		}
	}
	return "", "", false
}

// exact returns a text unchanged, even if it looks like a time.
func exact(v document.Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return document.Text(v)
}
