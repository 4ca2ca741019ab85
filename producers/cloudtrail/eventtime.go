package cloudtrail

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Range of an event's year; storage holds no others.
const (
	minYear = 1971
	maxYear = 2200
)

// parseTime parses a record's time, to the millisecond in UTC: RFC 3339 with or without a
// fraction or zone, or seconds or milliseconds since 1970. The error names the field and does not
// contain the value.
func parseTime(field, s string) (time.Time, error) {
	t, ok := parseTimeText(s)
	switch {
	case s == "":
		return time.Time{}, fmt.Errorf("%s: missing", field)
	case !ok:
		return time.Time{}, fmt.Errorf("%s: not a time", field)
	case t.Year() < minYear || t.Year() > maxYear:
		return time.Time{}, fmt.Errorf("%s: outside the years %d to %d", field, minYear, maxYear)
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

func parseTimeText(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, false
	}
	if len(s) > 10 && s[4] == '-' {
		for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t, true
			}
		}
		return time.Time{}, false
	}
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || n != n || n < 0 || n > 1e16:
		return time.Time{}, false
	case n >= 1e11:
		return time.UnixMilli(int64(n)), true
	}
	return time.UnixMilli(int64(n*1000 + 0.5)), true
}
