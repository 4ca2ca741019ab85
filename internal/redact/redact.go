// Package redact removes secrets from untrusted text before Polo stores or shows it:
// events, letters, errors, log lines. It implements docs/REDACTION.md and is the only
// place that decides what a secret is.
package redact

import (
	"strconv"
	"strings"
	"sync"
)

// Mark replaces a secret.
const Mark = "***"

// maxPlaces bounds how many places are reported.
const maxPlaces = 32

// maxRounds bounds how often a text is scanned: redacting one secret may uncover another.
const maxRounds = 8

// Bytes returns b without secrets, and the places where they were: JSON pointers if b is
// JSON. It returns b itself if it holds none. All else is kept byte for byte, and valid
// JSON stays valid. b may be cut, damaged, or no JSON at all.
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

// Text is Bytes for a string.
func Text(s string) string {
	if !suspect(s) {
		return s
	}
	clean, _ := redact(s, false)
	return clean
}

// Value redacts the value under a name.
func Value(name, value string) string {
	if levelOf(name) != open && !harmless(value) {
		return Mark
	}
	return Text(value)
}

// redact scans s until it finds nothing more.
func redact(s string, wantPlaces bool) (clean string, places []string) {
	names, ok := nameCaches.Get().(*nameCache)
	if !ok {
		names = &nameCache{known: map[string]nameInfo{}}
	}
	defer nameCaches.Put(names)
	e := &names.editor
	*e = editor{names: names, wantPlaces: wantPlaces, edits: e.edits[:0]}
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
	clear(e.edits) // their strings keep the text in memory
	return s, places[:min(len(places), maxPlaces)]
}

// nameCaches holds *nameCache values, one for each running goroutine.
var nameCaches sync.Pool

// nameCache caches what names mean: few names make up most texts.
type nameCache struct {
	known map[string]nameInfo
	// editor belongs to the current text; stack is memory left from the last one.
	editor editor
	stack  []frame
}

// maxKept bounds the stack that is kept for the next text, in frames.
const maxKept = 32

// maxCached bounds a cache, because names are untrusted.
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

// edit is a span of a text and its replacement.
type edit struct {
	start, end int
	text       string
}

// editor collects the edits of a text.
type editor struct {
	edits  []edit
	places []string
	// wantPlaces is set if the caller wants the places.
	wantPlaces bool
	// again is set if part of a value was redacted: the rest may be a secret too.
	again bool
	names *nameCache
}

func (e *editor) add(start, end int, text string, place func() string) {
	e.edits = append(e.edits, edit{start, end, text})
	if !e.wantPlaces || len(e.places) >= maxPlaces {
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

// any scans JSON, whole or cut, or other text, which JSON may follow.
func (e *editor) any(s string) {
	at := jsonStart(s)
	e.text(s, 0, at)
	if at < len(s) {
		e.json(s, at)
	}
}

// jsonStart returns where JSON starts in s, or len(s).
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

// apply makes the edits. Of overlapping edits the one that starts first counts, and of
// those the longest.
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

// harmless reports whether a value under a secret name is no secret: empty, already
// redacted, or a reference to where the secret is kept.
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

// isChoice reports whether v is a usual value of a setting about secrets: {"secrets":
// "read"}.
func isChoice(v string) bool {
	switch v {
	case "read", "write", "none", "admin", "optional", "required", "enabled", "disabled":
		return true
	}
	return false
}

// isVariable reports whether s is the name of a shell variable.
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
