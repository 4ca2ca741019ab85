package lambda

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/cronexpr"
)

// Schedule says when something is due.
type Schedule interface {
	// Next returns the first time after t, or zero.
	Next(t time.Time) time.Time
}

var (
	form    = regexp.MustCompile(`^(rate|cron|at)\((.*)\)$`)
	rating  = regexp.MustCompile(`^([1-9][0-9]*) (minute|hour|day)s?$`)
	weekday = regexp.MustCompile(`[1-7]`)
)

// ParseSchedule parses a schedule in EventBridge Scheduler's form, in UTC: rate(15
// minutes), cron(0 6 ? * MON-FRI *), at(2026-03-04T05:06:07).
func ParseSchedule(text string) (Schedule, error) {
	parts := form.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return nil, fmt.Errorf("the schedule %q is none of rate(...), cron(...) and at(...)", text)
	}
	var s Schedule
	var err error
	switch parts[1] {
	case "rate":
		s, err = parseRate(parts[2])
	case "cron":
		s, err = parseCron(parts[2])
	default:
		var at time.Time
		at, err = time.Parse("2006-01-02T15:04:05", parts[2])
		s = once(at)
	}
	if err != nil {
		return nil, fmt.Errorf("the schedule %q: %w", text, err)
	}
	return s, nil
}

type every time.Duration

// Next is a whole interval after t: a rate starts when its schedule is created.
func (e every) Next(t time.Time) time.Time { return t.Add(time.Duration(e)) }

type once time.Time

func (o once) Next(t time.Time) time.Time {
	if at := time.Time(o); at.After(t) {
		return at
	}
	return time.Time{}
}

// longestRate bounds rates to what a Duration can hold.
const longestRate = 100 * 365 * 24 * time.Hour

func parseRate(text string) (Schedule, error) {
	m := rating.FindStringSubmatch(text)
	if m == nil {
		return nil, errors.New("a rate is a number of minutes, hours or days")
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n > int64(longestRate/unit) {
		return nil, errors.New("a rate is a number of minutes, hours or days, of 100 years at most")
	}
	return every(time.Duration(n) * unit), nil
}

// parseCron parses AWS's six fields: minutes, hours, day of month, month, day of week,
// year. Days of the week count from 1, Sunday; in cron from 0.
func parseCron(text string) (Schedule, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Errorf("cron has six fields (minutes, hours, day of month, month, day of week, year), not %d", len(fields))
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return nil, errors.New("exactly one of day of month and day of week must be ?")
	}
	days := strings.Split(fields[4], ",")
	for i, day := range days {
		base, rest := day, ""
		if at := strings.IndexAny(day, "#/"); at >= 0 {
			base, rest = day[:at], day[at:]
		}
		days[i] = weekday.ReplaceAllStringFunc(base, func(n string) string { return string(n[0] - 1) }) + rest
	}
	fields[4] = strings.Join(days, ",")
	return cronexpr.Parse(strings.Join(fields, " "))
}
