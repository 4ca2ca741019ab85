package cur

import (
	"errors"
	"strings"
	"time"
)

var errMoment = errors.New("not a date and time in any form that bills have")

// moments reads the times of bills and remembers them: a bill of a month has few.
type moments struct {
	seen map[string]time.Time
}

// maxMoments bounds what is remembered, for the texts are foreign.
const maxMoments = 4096

func (m *moments) parse(s string) (time.Time, error) {
	if t, ok := m.seen[s]; ok {
		return t, nil
	}
	t, err := parseMoment(s)
	if err != nil {
		return time.Time{}, err
	}
	if m.seen == nil {
		m.seen = make(map[string]time.Time)
	}
	if len(m.seen) < maxMoments {
		m.seen[strings.Clone(s)] = t
	}
	return t, nil
}

// parseMoment reads a date, or a date and a time with or without seconds, fractions and
// offset; without an offset it is UTC, as FOCUS and AWS have it. What is finer than a
// millisecond is cut: storage holds no more. A date of the form 1/2/2024 is refused,
// for it is two days to two readers.
func parseMoment(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutSuffix(s, " UTC"); ok {
		s = rest
	}
	if len(s) > 40 {
		return time.Time{}, errMoment
	}
	for _, layout := range [...]string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700",
		"2006-01-02T15:04:05Z0700", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006/01/02 15:04:05", "2006/01/02",
		"20060102T150405Z", "20060102T150405.000Z", "20060102T000000.000Z", "20060102", "2006-01",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, errMoment
}

// nextMonth is the first day of the month after t's.
func nextMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// monthOf is the first day of t's month.
func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }
