package envelope

import "unicode/utf8"

// appendString writes s as a JSON string. It escapes U+FFFE and U+FFFF, because SQS
// refuses a body that holds them, and replaces invalid UTF-8 by U+FFFD, because JSON
// cannot hold it (Validate faults the field).
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; ; {
		for i < len(s) && plain[s[i]] {
			i++
		}
		if i == len(s) {
			break
		}
		c := s[i]
		if c < utf8.RuneSelf {
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneError || r > 0xffff || r == utf8.RuneError && size > 1 {
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch r {
		case 0xfffe:
			dst = append(dst, `\ufffe`...)
		case 0xffff:
			dst = append(dst, `\uffff`...)
		default:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		}
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// plain marks the bytes that a JSON string holds unescaped. Bytes of multi-byte
// characters are checked separately.
var plain = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendEscape writes a quote, a backslash or a control character.
func appendEscape(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
}
