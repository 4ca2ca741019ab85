package redact

import (
	"strings"
	"unicode/utf8"
)

// Unescape resolves the escapes of the inside of a JSON string; text without any is returned
// unchanged. What is no escape stays as it is.
func Unescape(s string) string {
	n := strings.IndexByte(s, '\\')
	if n < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for {
		b = append(b, s[:n]...)
		s = s[n:]
		if len(s) < 2 {
			return string(append(b, s...))
		}
		used := 2
		switch s[1] {
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'r':
			b = append(b, '\r')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'u':
			var r rune
			r, used = unescapeRune(s)
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, s[1])
		}
		s = s[used:]
		n = strings.IndexByte(s, '\\')
		if n < 0 {
			return string(append(b, s...))
		}
	}
}

// unescapeRune reads \uXXXX at the start of s, or a surrogate pair of them. A lone surrogate
// becomes U+FFFD.
func unescapeRune(s string) (r rune, used int) {
	r, ok := hex4(s)
	switch {
	case !ok:
		return utf8.RuneError, 2
	case r < 0xd800 || r > 0xdfff:
		return r, 6
	case r < 0xdc00:
		if low, ok := hex4(s[6:]); ok && low >= 0xdc00 && low <= 0xdfff {
			return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, 12
		}
	}
	return utf8.RuneError, 6
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, ch := range []byte(s[2:6]) {
		r <<= 4
		switch {
		case ch >= '0' && ch <= '9':
			r |= rune(ch - '0')
		case ch >= 'a' && ch <= 'f':
			r |= rune(ch-'a') + 10
		case ch >= 'A' && ch <= 'F':
			r |= rune(ch-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}
