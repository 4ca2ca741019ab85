package cloudtrail

import (
	"unicode/utf8"

	"polo/internal/redact"
)

// maxWalkDepth bounds recursion into foreign JSON; what is deeper is kept as it
// came, and not looked into.
const maxWalkDepth = 64

// canonicalText writes raw without whitespace and with the fewest escapes, so
// that every delivery of a record gives the same text whoever serialised it, and
// puts *** for the values of members that it hides. raw is valid JSON.
func canonicalText(raw string, hides func(name string) bool) string {
	c := cursor{s: raw}
	return string(appendCanonical(make([]byte, 0, len(raw)), &c, hides, 0))
}

func appendCanonical(b []byte, c *cursor, hides func(string) bool, depth int) []byte {
	switch ch := c.peek(); {
	case ch == '"':
		return appendQuoted(b, unescape(c.quoted()))
	case ch != '{' && ch != '[':
		return append(b, c.literal()...)
	case depth >= maxWalkDepth:
		return append(b, c.skip()...)
	case ch == '[':
		b = append(b, '[')
		for ok := c.enter(); ok; {
			b = appendCanonical(b, c, hides, depth+1)
			if ok = c.more(); ok {
				b = append(b, ',')
			}
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for ok := c.enter(); ok; {
		name := unescape(c.name())
		b = append(appendQuoted(b, name), ':')
		if ch := c.peek(); hides != nil && hides(name) && (ch == '"' || ch == '{' || ch == '[') {
			c.skip()
			b = append(b, `"`+redact.Mark+`"`...)
		} else {
			b = appendCanonical(b, c, hides, depth+1)
		}
		if ok = c.more(); ok {
			b = append(b, ',')
		}
	}
	return append(b, '}')
}

func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			b = append(b, '\\', ch)
		case ch >= utf8.RuneSelf || ch >= 0x20:
			b = append(b, ch)
		case ch == '\n':
			b = append(b, '\\', 'n')
		case ch == '\t':
			b = append(b, '\\', 't')
		case ch == '\r':
			b = append(b, '\\', 'r')
		case ch == '\b':
			b = append(b, '\\', 'b')
		case ch == '\f':
			b = append(b, '\\', 'f')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[ch>>4], hex[ch&15])
		}
	}
	return append(b, '"')
}
