package queries

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var relative = regexp.MustCompile(`^(today|month|now)(?:([+-])([0-9]{1,5})([dmh]))?$`)

// moment parses a date or time: absolute in UTC, or relative to now.
func moment(typ, text string, now time.Time) (time.Time, error) {
	now = now.UTC()
	if m := relative.FindStringSubmatch(text); m != nil {
		at := now.Truncate(time.Millisecond)
		switch {
		case m[1] == "today" || typ == typeDate:
			at = midnight(now)
		case m[1] == "month":
		}
		if m[1] == "month" {
			at = midnight(now).AddDate(0, 0, 1-now.Day())
		}
		n, _ := strconv.Atoi(m[3]) // no digits are none
		if m[2] == "-" {
			n = -n
		}
		switch m[4] {
		case "d":
			at = at.AddDate(0, 0, n)
		case "m":
			// A month has no day 31 everywhere: the last day stands for it.
			first := at.AddDate(0, n, 1-at.Day())
			at = first.AddDate(0, 0, min(at.Day(), first.AddDate(0, 1, -1).Day())-1)
		case "h":
			at = at.Add(time.Duration(n) * time.Hour)
		}
		if typ == typeDate {
			at = midnight(at)
		}
		return at, nil
	}
	layouts := []string{time.DateOnly}
	if typ == typeDateTime {
		layouts = append(layouts, "2006-01-02 15:04:05", time.RFC3339)
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil { //mutant:dates-wrap
			return at.UTC(), nil
		}
	}
	if typ == typeDate {
		return time.Time{}, fmt.Errorf("%s is no date: write 2026-01-31, or relative to the present in UTC: today-30d, month-1m", shown(text))
	}
	return time.Time{}, fmt.Errorf("%s is no time: write 2026-01-31, 2026-01-31T08:00:00Z, or relative to the present: now-24h, today-7d", shown(text))
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// format returns a time in ClickHouse's form.
func format(typ string, t time.Time) string {
	if typ == typeDate {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04:05.000")
}
