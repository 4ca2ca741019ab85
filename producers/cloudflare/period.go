package cloudflare

import "time"

const day = 24 * time.Hour

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(day) }

// interval is the days from (inclusive) to (exclusive), UTC.
type interval struct{ from, to time.Time }

// billingPeriod returns the period that a day is in: a month from the anchor's day of the
// month on. Where a month is too short, its last day takes that day's place.
func billingPeriod(anchor, t time.Time) interval {
	y, m, _ := t.UTC().Date()
	from := anchored(anchor, y, m)
	if t.Before(from) {
		return interval{anchored(anchor, y, m-1), from}
	}
	return interval{from, anchored(anchor, y, m+1)}
}

func anchored(anchor time.Time, y int, m time.Month) time.Time {
	first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(anchor.UTC().Day(), last)-1)
}

// calendarPeriod returns the calendar's period of a frequency that a day is in; ok is false
// for an unknown one.
func calendarPeriod(frequency string, t time.Time) (p interval, ok bool) {
	switch frequency {
	case "weekly":
		monday := dayOf(t).AddDate(0, 0, -(int(t.UTC().Weekday())+6)%7)
		return interval{monday, monday.AddDate(0, 0, 7)}, true
	case "monthly":
		return months(t, 1), true
	case "quarterly":
		return months(t, 3), true
	case "yearly":
		return months(t, 12), true
	}
	return interval{}, false
}

func months(t time.Time, n int) interval {
	y, m, _ := t.UTC().Date()
	first := time.Date(y, m-time.Month((int(m)-1)%n), 1, 0, 0, 0, 0, time.UTC)
	return interval{first, first.AddDate(0, n, 0)}
}

// runs returns the runs of consecutive days, which are in order.
func runs(days []time.Time) []interval {
	var all []interval
	for _, d := range days {
		if n := len(all); n > 0 && all[n-1].to.Equal(d) {
			all[n-1].to = d.Add(day)
			continue
		}
		all = append(all, interval{d, d.Add(day)})
	}
	return all
}
