package sqsserver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote appends the decoded JSON string quoted to dst. quoted has its quotes, and a decoder has accepted it.
func unquote(dst, quoted []byte) ([]byte, error) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return nil, errors.New("not a string")
	}
	rest := quoted[1 : len(quoted)-1]
	for {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 {
			return append(dst, rest...), nil
		}
		dst = append(dst, rest[:i]...)
		rest = rest[i+1:]
		if len(rest) == 0 {
			return nil, errors.New("escape cut short")
		}
		c := rest[0]
		rest = rest[1:]
		switch c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, ok := hex4(rest)
			if !ok {
				return nil, errors.New("invalid \\u escape")
			}
			rest = rest[4:]
			if utf16.IsSurrogate(r) {
				var second rune
				if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
					second, _ = hex4(rest[2:])
				}
				// An unpaired surrogate becomes U+FFFD, and what follows is decoded separately.
				if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
					rest = rest[6:]
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			return nil, errors.New("unknown escape")
		}
	}
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[:4]), 16, 16)
	return rune(n), err == nil
}

// validText reports whether b is UTF-8 of only the characters that a message may hold: #x9 #xA #xD #x20-#xD7FF
// #xE000-#xFFFD #x10000-#x10FFFF.
func validText(b []byte) bool {
	const (
		high   = 0x8080808080808080
		spaces = 0x2020202020202020
	)
	for len(b) > 0 {
		// Check eight printable ASCII characters at once: no top bit is set, and subtracting a space from each
		// byte borrows from none.
		for len(b) >= 8 {
			w := binary.LittleEndian.Uint64(b)
			if (w|(w-spaces))&high != 0 {
				break
			}
			b = b[8:]
		}
		if len(b) == 0 {
			break
		}
		if c := b[0]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
				return false
			}
			b = b[1:]
			continue
		}
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		b = b[size:]
	}
	return true
}

// appendQuoted appends valid text as a JSON string.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for {
		n := plain(text)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			return append(dst, '"')
		}
		switch c := text[n]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		text = text[n+1:]
	}
}

// plain returns how many leading bytes of text need no escape in a JSON string.
func plain(text []byte) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	n := 0
	for ; len(text)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(text[n:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		// Zero if none of the eight is a quote, a backslash or a control character.
		if ((quote-ones)&^quote|(slash-ones)&^slash|(w-' '*ones)&^w)&highs != 0 {
			break
		}
	}
	for ; n < len(text); n++ {
		if c := text[n]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return n
}
