package cur

import (
	"errors"
	"strings"
	"time"
)

var errMoment = errors.New("not a date and time in a known form")

// moments caches parsed times: a bill of a month has few different ones.
type moments struct {
	seen map[string]time.Time
}

// maxMoments bounds the cache, because the input decides the texts.
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

// parseMoment parses a date, or a date and a time with or without seconds, fractions and offset.
// Without an offset it is UTC, as in FOCUS and AWS. Times are cut to milliseconds, because
// storage holds no more. A date such as 1/2/2024 is an error, because it is ambiguous.
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

// nextMonth returns the first day of the month after t's.
func nextMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// monthOf returns the first day of t's month.
func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }
