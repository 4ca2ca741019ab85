package queue

import (
	"strings"
	"unicode/utf8"
)

// ValidText reports whether a queue accepts s: valid UTF-8 of the characters that XML
// 1.0 allows, which are #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and #x10000 to
// #x10FFFF.
func ValidText(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !validRune(r, n) {
			return false
		}
		i += n
	}
	return true
}

// validRune reports whether the queue accepts a rune of n bytes; n is 1 for invalid
// UTF-8.
func validRune(r rune, n int) bool {
	switch {
	case r == utf8.RuneError && n <= 1, r == 0xFFFE, r == 0xFFFF:
		return false
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	}
	return true
}

// cleanText makes s valid for an attribute of at most limit bytes: refused characters
// become U+FFFD, and a long text is cut and ends in an ellipsis.
func cleanText(s string, limit int) string {
	const more = "…"
	if len(s) <= limit && ValidText(s) {
		return s
	}
	var b strings.Builder
	end := 0 // where to cut so that an ellipsis fits
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !validRune(r, n) {
			r = utf8.RuneError
		}
		if b.Len()+utf8.RuneLen(r) > limit {
			return b.String()[:end] + more
		}
		b.WriteRune(r)
		if b.Len()+len(more) <= limit {
			end = b.Len()
		}
		i += n
	}
	return b.String()
}
