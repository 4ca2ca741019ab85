// Package redact takes secrets out of what others wrote, before Polo stores it or shows
// it: events, records that cannot be brought in, errors, log lines. There is one rule,
// docs/REDACTION.md, and it is here.
package redact

import (
	"strconv"
	"strings"
	"sync"
)

// Mark stands where a secret was.
const Mark = "***"

// maxPlaces bounds how many places are told.
const maxPlaces = 32

// maxRounds bounds how often a text is looked through: what a secret hid may be one.
const maxRounds = 8

// Bytes is b without secrets, and the places where they were: JSON pointers into b where
// it is JSON. It is b itself where it holds none. All else stays as it is, byte for byte;
// what was valid JSON still is. b may be cut, damaged, or no JSON at all.
func Bytes(b []byte) (clean []byte, places []string) {
	if !Suspect(b) {
		return b, nil
	}
	s, places := redact(string(b), true)
	if places == nil {
		return b, nil
	}
	return []byte(s), places
}

// Text is Bytes for a text.
func Text(s string) string {
	if !suspect(s) {
		return s
	}
	clean, _ := redact(s, false)
	return clean
}

// Value is what may be kept of a value under a name.
func Value(name, value string) string {
	if levelOf(name) != open && !harmless(value) {
		return Mark
	}
	return Text(value)
}

// redact looks through s until nothing is found any more.
func redact(s string, tell bool) (clean string, places []string) {
	names, ok := nameCaches.Get().(*nameCache)
	if !ok {
		names = &nameCache{known: map[string]nameInfo{}}
	}
	defer nameCaches.Put(names)
	e := &names.editor
	*e = editor{names: names, tell: tell, edits: e.edits[:0]}
	for range maxRounds {
		e.edits, e.places, e.again = e.edits[:0], nil, false
		e.any(s)
		if len(e.edits) == 0 {
			break
		}
		s = e.apply(s)
		places = append(places, e.places...)
		if !e.again {
			break
		}
	}
	clear(e.edits) // they hold on to the text
	return s, places[:min(len(places), maxPlaces)]
}

// nameCaches hold *nameCache, one for each goroutine at work.
var nameCaches sync.Pool

// nameCache keeps what names say: few names recur in most texts.
type nameCache struct {
	known map[string]nameInfo
	// editor is that of the text, and stack the memory of the one before.
	editor editor
	stack  []frame
}

// maxKept bounds the memory that is kept for the next text, in frames of its stack.
const maxKept = 32

// maxCached bounds a cache, for names are foreign.
const maxCached = 2048

func (c *nameCache) info(name string) nameInfo {
	if info, ok := c.known[name]; ok {
		return info
	}
	info := infoOf(name)
	info.unclean = len(name) >= leastToken && Text(name) != name
	if len(name) <= maxName && len(c.known) < maxCached {
		c.known[strings.Clone(name)] = info
	}
	return info
}

// edit is a span of a text, and what stands there instead.
type edit struct {
	start, end int
	text       string
}

// editor gathers what is secret in a text.
type editor struct {
	edits  []edit
	places []string
	// tell is set where the places are asked for.
	tell bool
	// again is set where a part of a value was cut: what is left may be a secret, too.
	again bool
	names *nameCache
}

func (e *editor) add(start, end int, text string, place func() string) {
	e.edits = append(e.edits, edit{start, end, text})
	if !e.tell || len(e.places) >= maxPlaces {
		return
	}
	at := "byte " + strconv.Itoa(start)
	if place != nil {
		if p := place(); p != "" {
			at = p
		}
	}
	if n := len(e.places); n == 0 || e.places[n-1] != at {
		e.places = append(e.places, at)
	}
}

// any looks through JSON, whole or not, or through other text, which JSON may follow.
func (e *editor) any(s string) {
	at := jsonStart(s)
	e.text(s, 0, at)
	if at < len(s) {
		e.json(s, at)
	}
}

// jsonStart is where JSON begins in s, len(s) where there is none.
func jsonStart(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] != '{' && s[i] != '[' {
			continue
		}
		rest := strings.TrimLeft(s[i+1:min(len(s), i+64)], " \t\r\n{[")
		if strings.HasPrefix(rest, `"`) {
			return i
		}
	}
	return len(s)
}

// apply puts the edits in place. Of edits that overlap, the one that begins first counts,
// and of those the longest.
func (e *editor) apply(s string) string {
	sortEdits(e.edits)
	var b strings.Builder
	b.Grow(len(s))
	at := 0
	for _, d := range e.edits {
		if d.start < at {
			continue
		}
		b.WriteString(s[at:d.start])
		b.WriteString(d.text)
		at = d.end
	}
	b.WriteString(s[at:])
	return b.String()
}

// harmless reports whether a value under a secret name is none: empty, taken out before,
// or a reference to where the secret is kept.
func harmless(v string) bool {
	switch v {
	case "", "null", "HIDDEN_DUE_TO_SECURITY_REASONS", "<sensitiveDataRemoved>", "[REDACTED]", "<redacted>":
		return true
	}
	if strings.Trim(v, "*") == "" {
		return true
	}
	switch {
	case strings.HasPrefix(v, "arn:aws"):
		return strings.Count(v, ":") >= 5 && !strings.ContainsAny(v, " \t\n\"'=&?@")
	case strings.HasPrefix(v, "{{resolve:"):
		return strings.HasSuffix(v, "}}") && strings.Count(v, "{") == 2
	case strings.HasPrefix(v, "${"):
		return strings.HasSuffix(v, "}") && isVariable(v[2:len(v)-1])
	case v[0] == '$':
		return isVariable(v[1:])
	}
	return accessKeyID(v, 0) == len(v)
}

// isChoice knows the words that settings about secrets have: {"secrets": "read"}.
func isChoice(v string) bool {
	switch v {
	case "read", "write", "none", "admin", "optional", "required", "enabled", "disabled":
		return true
	}
	return false
}

// isVariable reports whether a text is the name of a variable as shells have it.
func isVariable(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '_' && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
