package jsontext

import (
	"unicode/utf8"

	"polo/internal/redact"
)

// MaxDepth bounds recursion into foreign JSON; deeper parts are kept unchanged and not read.
const MaxDepth = 64

// Canonical returns raw without whitespace and with the fewest escapes, so that a record has the
// same text in every form of delivery. It replaces the values of hidden members by ***. raw is
// valid JSON.
func Canonical(raw string, hides func(name string) bool) string {
	c := New(raw)
	return string(appendCanonical(make([]byte, 0, len(raw)), &c, hides, 0))
}

func appendCanonical(b []byte, c *Cursor, hides func(string) bool, depth int) []byte {
	switch ch := c.Peek(); {
	case ch == '"':
		return AppendQuoted(b, Unescape(c.Quoted()))
	case ch != '{' && ch != '[':
		return append(b, c.Literal()...)
	case depth >= MaxDepth:
		return append(b, c.Skip()...)
	case ch == '[':
		b = append(b, '[')
		for ok := c.Enter(); ok; {
			b = appendCanonical(b, c, hides, depth+1)
			if ok = c.More(); ok {
				b = append(b, ',')
			}
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for ok := c.Enter(); ok; {
		name := Unescape(c.Name())
		b = append(AppendQuoted(b, name), ':')
		if ch := c.Peek(); hides != nil && hides(name) && (ch == '"' || ch == '{' || ch == '[') {
			c.Skip()
			b = append(b, `"`+redact.Mark+`"`...)
		} else {
			b = appendCanonical(b, c, hides, depth+1)
		}
		if ok = c.More(); ok {
			b = append(b, ',')
		}
	}
	return append(b, '}')
}

// AppendQuoted appends s as a canonical JSON string.
func AppendQuoted(b []byte, s string) []byte {
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
