package main

import (
	"regexp"
	"strings"

	"polo/dlq-replay/replay"
	"polo/internal/redact"
)

// cause groups letters whose errors differ only in what is particular to one letter.
type cause struct {
	Reason  string `json:"reason"`
	Error   string `json:"error"`
	Letters int    `json:"letters"`
	Example string `json:"example"`
}

// Parts that differ between errors of one cause: ids, addresses, files, and numbers that are not
// part of a name.
var (
	ids     = regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|\b[0-9a-fA-F]{16,}\b`)
	arns    = regexp.MustCompile(`\barn:[^\s,;"')]+`)
	files   = regexp.MustCompile(`\b[a-z0-9]+://[^\s"'()]*[^\s"'():,;.]|[^\s"'(]+\.(json|jsonl|ndjson|csv|parquet|gz|zst|log|txt)(#\d+)?\b`)
	numbers = regexp.MustCompile(`\b\d[\d.,:_]*\d\b|\b\d\b`)
	stamps  = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?\b`)
)

func causeOf(l *replay.Letter) cause {
	text := redact.Text(replay.Unmarked(l.Failure.Err))
	if l.Err != nil {
		text = l.Err.Error()
	}
	return cause{Reason: l.Reason(), Error: cleanCause(text, l.Reason(), redact.Text(l.Failure.Origin))}
}

// cleanCause replaces those parts of an error.
func cleanCause(text, reason, origin string) string {
	file, _, _ := strings.Cut(origin, "#")
	for _, own := range []string{origin, file} {
		if own != "" {
			text = wordOf(own).ReplaceAllString(strings.TrimPrefix(text, own+": "), "${1}FILE${2}")
		}
	}
	text = strings.TrimPrefix(text, reason+": ")
	for _, p := range []struct {
		pattern *regexp.Regexp
		as      string
	}{{arns, "ARN"}, {ids, "ID"}, {stamps, "TIME"}, {files, "FILE"}, {numbers, "N"}} {
		text = p.pattern.ReplaceAllString(text, p.as)
	}
	for _, place := range []string{"event N of N: ", "invalid event ID: ", "event ID: ", "invalid event "} {
		text = strings.ReplaceAll(text, place, "")
	}
	return strings.TrimSpace(strings.ReplaceAll(text, ", at byte N", ""))
}

// wordOf matches a text that is no part of a longer word.
func wordOf(text string) *regexp.Regexp {
	return regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(text) + `($|\W)`)
}
