package exchange

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

const mark = "***"

var (
	// keyInQuery matches the parameters of an address that authenticate, presigned addresses' included.
	keyInQuery = regexp.MustCompile(`(?i)([?&](?:(?:dd-|x-)?api[_-]?key|(?:dd-)?app(?:lication)?[_-]?key|(?:access|auth|private|id|refresh)[_-]?token|token|jwt|auth|bearer|code|key|session(?:[_-]?id)?|client[_-]?secret|secret|password|` +
		`sig|signature|authorization_request|x-(?:amz|goog)-(?:signature|credential|security-token))=)[^&\s"'<>\\]+`)
	// headersBegin matches the beginning of headers and cookies in JSON.
	headersBegin = regexp.MustCompile(`(?i)"[a-z_-]*(?:headers|cookies)"\s*:\s*[\[{]`)
	// keyHeader matches a header that authenticates and its first value, in any form of headers.
	keyHeader = regexp.MustCompile(`(?i)("(?:[a-z0-9_-]*authorization|(?:set-)?cookie2?|x-[a-z0-9_-]+|[a-z0-9_-]*(?:key|token|secret|signature|email|user-id))"\s*[:,]\s*\[?\s*")(?:[^"\\]|\\.)*`)
	// packed matches a string that may hold another text: base64, hex, or a form of a payload.
	packed = regexp.MustCompile(`"(?:payload=[^"]*|(?:[A-Za-z0-9+/_-]|\\[nr/]){16,}={0,2}(?:\\[nr])*)`)
)

// withoutKeys removes what authenticates from the addresses in a text.
func withoutKeys(text string) string { return keyInQuery.ReplaceAllString(text, "${1}"+mark) }

// Scrub returns a text that could not be read, for a letter: without headers, cookies, keys in
// addresses and what is packed. The text may be damaged; what cannot be told from headers goes with them.
func Scrub(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for {
		found := headersBegin.FindIndex(text)
		if found == nil {
			break
		}
		end := endOf(text, found[1]-1)
		out = append(append(out, text[:found[1]-1]...), `"`+mark+`"`...)
		text = text[end:]
	}
	out = keyHeader.ReplaceAll(append(out, text...), []byte("${1}"+mark))
	out = packed.ReplaceAllFunc(out, func(found []byte) []byte {
		if !holdsText(found[1:]) {
			return found
		}
		return []byte(`"` + mark)
	})
	return keyInQuery.ReplaceAll(out, []byte("${1}"+mark))
}

// holdsText reports whether a JSON string's content, which may be cut off, is JSON in base64, something compressed, or
// a form: no one sees the secrets in it.
func holdsText(content []byte) bool {
	text := strings.NewReplacer(`\n`, "", `\r`, "", `\/`, "/", "-", "+", "_", "/", "=", "").Replace(string(content))
	if strings.HasPrefix(text, "payload") || strings.HasPrefix(text, "1f8b") {
		return true
	}
	data, err := base64.RawStdEncoding.DecodeString(text[:len(text)/4*4])
	return err == nil && (bytes.HasPrefix(data, []byte{0x1f, 0x8b}) || begins(data, '{') || begins(data, '[') || bytes.HasPrefix(data, []byte("payload=")))
}

// endOf returns the end of the list or object that begins at a place; the text's if it has none.
func endOf(text []byte, at int) int {
	depth := 0
	for i := at; i < len(text); i++ {
		switch text[i] {
		case '"':
			end := bytes.IndexByte(text[i+1:], '"')
			for end >= 0 && escaped(text, i+1+end) {
				next := bytes.IndexByte(text[i+1+end+1:], '"')
				if next < 0 {
					return len(text)
				}
				end += 1 + next
			}
			if end < 0 {
				return len(text)
			}
			i += 1 + end
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// escaped reports whether an odd number of backslashes is before a place.
func escaped(text []byte, at int) bool {
	n := 0
	for n < at && text[at-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}
