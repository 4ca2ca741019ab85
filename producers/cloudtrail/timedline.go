package cloudtrail

import (
	"bytes"
	"strings"
)

// maxPrefix bounds the text before a record in its line, in bytes: a time, and the name of a
// stream.
const maxPrefix = 1024

// timedRecord returns where a record begins in a line of CloudWatch Logs that begins with a time:
// "2026-03-01T10:00:00.000Z {...}". It returns 0 for other lines.
func timedRecord(b []byte) int {
	b = b[:min(len(b), maxPrefix)]
	if end := bytes.IndexByte(b, '\n'); end >= 0 {
		b = b[:end]
	}
	at := bytes.IndexByte(b, '{')
	if at <= 0 || b[0] < '0' || b[0] > '9' || (b[at-1] != ' ' && b[at-1] != '\t') {
		return 0
	}
	words := strings.Fields(string(b[:at]))
	if _, ok := parseTimeText(words[0]); ok {
		return at
	}
	if len(words) > 1 {
		if _, ok := parseTimeText(words[0] + " " + words[1]); ok {
			return at
		}
	}
	return 0
}

// timed skips the text before a record in its line, and reports whether there was any.
func (s *splitter) timed() bool {
	for len(s.w.unused()) < maxPrefix && !bytes.ContainsAny(s.w.unused(), "{\n") && s.w.more() {
	}
	n := timedRecord(s.w.unused())
	s.w.use(n)
	return n > 0
}
