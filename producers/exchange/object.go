package exchange

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// object is a JSON object by its members' plain names: recorders write recorded_at, recordedAt
// and Recorded-At.
type object map[string]json.RawMessage

// asObject returns nil for what is no object, and for one without members.
func asObject(text []byte) object {
	var members map[string]json.RawMessage
	if !begins(text, '{') || json.Unmarshal(text, &members) != nil {
		return nil
	}
	o := make(object, len(members))
	// Of two spellings of a name the last in order counts, on every run.
	for _, name := range slices.Sorted(maps.Keys(members)) {
		o[plain(name)] = members[name]
	}
	return o
}

// plain normalises the spelling of a member's name.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", "$", "").Replace(name))
}

// pick returns the first of some members that is there and not null, or nil.
func (o object) pick(names ...string) json.RawMessage {
	for _, name := range names {
		if v := o[name]; len(v) > 0 && string(v) != "null" {
			return v
		}
	}
	return nil
}

// text returns the first of some members that is a string and not empty.
func (o object) text(names ...string) string {
	for _, name := range names {
		if s := text(o[name]); s != "" {
			return s
		}
	}
	return ""
}

func (o object) has(names ...string) bool { return o.pick(names...) != nil }

// text returns a JSON string's content; "" of anything else.
func text(value []byte) (s string) {
	if !begins(value, '"') || json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

// list returns a JSON list's items; nil of anything else.
func list(value []byte) (items []json.RawMessage) {
	if !begins(value, '[') || json.Unmarshal(value, &items) != nil {
		return nil
	}
	return items
}

// begins reports whether a JSON text begins with a character, after white space.
func begins(text []byte, with byte) bool {
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return c == with
	}
	return false
}
