package exchange

import (
	"bytes"
	"encoding/json"
	"slices"
)

// headSize bounds the beginning of a file that Sniff looks at, in bytes.
const headSize = 64 << 10

// Sniff reports whether a file holds recorded requests or cassettes of them, by the beginning of
// its text. Bare answers and payloads are for Known.
func Sniff(text []byte) bool {
	text = text[:min(len(text), headSize)]
	lower := bytes.ToLower(text)
	has := func(word string) bool { return bytes.Contains(lower, []byte(`"`+word+`"`)) }
	// Most files need not be parsed.
	if !has("request") && !has("method") && !has("interactions") && !has("http_interactions") && !has("entries") {
		return false
	}
	value := closed(text)
	if items := list(value); items != nil {
		return slices.ContainsFunc(items, isRequest)
	}
	if _, items := cassette(asObject(value)); items != nil {
		return len(items) == 0 || slices.ContainsFunc(items, isRequest)
	}
	return isRequest(value)
}

// isRequest reports whether an object is a request and its answer. The answer may be cut off.
func isRequest(text json.RawMessage) bool {
	o := asObject(text)
	switch shapeOf(o) {
	case pair, flat, sent:
		return true
	}
	request := asObject(o["request"])
	return len(o) == 1 && request.has("method") && request.has("url", "uri") || o.has("scope") && o.has("method") && o.has("path")
}

// start returns a text without a byte order mark.
func start(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\uFEFF")) }

// closed returns the first JSON value of a text, an object or a list. It ends one that is cut off:
// without the member or item that is incomplete. Nil means that the text begins with neither.
func closed(text []byte) []byte {
	text = bytes.TrimLeft(start(text), " \t\r\n")
	if !begins(text, '{') && !begins(text, '[') {
		return nil
	}
	var open []byte          // the brackets that will end it
	safe, quoted := 0, false // text[:safe] misses only these brackets
	name := false            // the next string is a member's name
	for i := 0; i < len(text); i++ {
		c := text[i]
		if quoted {
			switch c {
			case '\\':
				i++
			case '"':
				if quoted = false; !name {
					safe = i + 1
				}
			}
			continue
		}
		switch c {
		case '"':
			quoted = true
		case '{', '[':
			open, name, safe = append(open, c+2), c == '{', i+1 // '}' and ']' follow theirs by 2
		case '}', ']':
			open, safe, name = open[:len(open)-1], i+1, false
			if len(open) == 0 {
				return text[:safe]
			}
		case ',':
			safe, name = i, open[len(open)-1] == '}'
		case ':':
			name = false
		}
	}
	out := append([]byte{}, text[:safe]...)
	for i := len(open) - 1; i >= 0; i-- {
		out = append(out, open[i])
	}
	return out
}
