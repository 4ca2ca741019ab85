// Package jsontext reads JSON text without copies and writes it in canonical form.
package jsontext

import (
	"strings"

	"polo/internal/redact"
)

// Cursor reads validated JSON text. It reports no errors; on other text it stops early and never
// runs past the end. It returns substrings, without copies.
type Cursor struct {
	s string
	i int
	// rewrite is set after text that is not canonical: whitespace, \u or \/ escapes.
	rewrite bool
}

// New returns a cursor at the beginning of a text.
func New(text string) Cursor { return Cursor{s: text} }

// Rewrite reports whether the text read so far is not canonical: it has whitespace, or an escape
// that is not needed.
func (c *Cursor) Rewrite() bool { return c.rewrite }

func (c *Cursor) space() {
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case ' ', '\t', '\n', '\r':
			c.i++
			c.rewrite = true
		default:
			return
		}
	}
}

// Peek skips whitespace and returns the next byte without reading it, or 0 at the end.
func (c *Cursor) Peek() byte {
	c.space()
	if c.i >= len(c.s) {
		return 0
	}
	return c.s[c.i]
}

// Enter steps into an object or array and reports whether it has members.
func (c *Cursor) Enter() bool {
	c.i++
	switch c.Peek() {
	case '}', ']':
		c.i++
		return false
	case 0:
		return false
	}
	return true
}

// More steps over the comma after a member, or over the closing bracket; it reports whether a
// member follows.
func (c *Cursor) More() bool {
	switch c.Peek() {
	case ',':
		c.i++
		c.space()
		return true
	case '}', ']':
		c.i++
	default:
		c.i = len(c.s)
	}
	return false
}

// Name reads a member's name, still escaped, and the colon after it.
func (c *Cursor) Name() string {
	if c.Peek() != '"' {
		c.i = len(c.s)
		return ""
	}
	name := c.Quoted()
	if c.Peek() == ':' {
		c.i++
		c.space()
	}
	return name
}

// Quoted reads a string at its opening quote and returns the text between the quotes, still
// escaped.
func (c *Cursor) Quoted() string {
	start := c.i + 1
	i := start
	for i <= len(c.s) {
		n := strings.IndexByte(c.s[i:], '"')
		if n < 0 {
			break
		}
		i += n
		back := i
		for back > start && c.s[back-1] == '\\' {
			back--
		}
		if (i-back)%2 == 0 {
			c.i = i + 1
			inner := c.s[start:i]
			if !c.rewrite && hasExoticEscape(inner) {
				c.rewrite = true
			}
			return inner
		}
		i++
	}
	c.i = len(c.s)
	return c.s[min(start, len(c.s)):]
}

// hasExoticEscape reports whether s has escapes that only some writers use.
func hasExoticEscape(s string) bool {
	for {
		n := strings.IndexByte(s, '\\')
		if n < 0 || n+1 >= len(s) {
			return false
		}
		if s[n+1] == 'u' || s[n+1] == '/' {
			return true
		}
		s = s[n+2:]
	}
}

// Literal reads a number, true, false or null.
func (c *Cursor) Literal() string {
	start := c.i
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return c.s[start:c.i]
		}
		c.i++
	}
	return c.s[start:]
}

// Skip skips one value and returns its text.
func (c *Cursor) Skip() string {
	c.space()
	start := c.i
	if c.i >= len(c.s) {
		return ""
	}
	switch c.s[c.i] {
	case '"':
		c.Quoted()
		return c.s[start:c.i]
	case '{', '[':
	default:
		return c.Literal()
	}
	depth := 0
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				c.i++
				return c.s[start:c.i]
			}
		case '"':
			c.Quoted()
			continue
		case ' ', '\t', '\n', '\r':
			c.rewrite = true
		}
		c.i++
	}
	return c.s[start:]
}

// Scalar reads one value and returns its content: a string's unescaped text, a number or boolean
// as written, "" for null, objects and arrays.
func (c *Cursor) Scalar() string {
	switch c.Peek() {
	case '"':
		return Unescape(c.Quoted())
	case '{', '[':
		c.Skip()
		return ""
	}
	if s := c.Literal(); s != "null" {
		return s
	}
	return ""
}

// Object reads one value and returns the text of an object, "" for any other value.
func (c *Cursor) Object() string {
	if c.Peek() != '{' {
		c.Skip()
		return ""
	}
	return c.Skip()
}

// Unescape resolves the escapes of the inside of a JSON string; text without any is returned
// unchanged.
func Unescape(s string) string { return redact.Unescape(s) }
