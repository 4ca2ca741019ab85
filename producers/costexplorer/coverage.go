package costexplorer

import "time"

// period is a range of time, its end exclusive, UTC.
type period struct{ from, to time.Time }

const day = 24 * time.Hour

// coverage holds the answered parts of each day: the day's start, then the part's start and
// length.
type coverage map[time.Time]map[time.Time]time.Duration

// add adds a period, split by day. A period that was added before counts once: its groups may be
// on two pages.
func (c coverage) add(p period) {
	for d := p.from.Truncate(day); d.Before(p.to); d = d.Add(day) {
		from, to := p.from, p.to
		if from.Before(d) {
			from = d
		}
		if to.After(d.Add(day)) {
			to = d.Add(day)
		}
		if c[d] == nil {
			c[d] = map[time.Time]time.Duration{}
		}
		c[d][from] = max(c[d][from], to.Sub(from))
	}
}

// whole reports whether all of the day was answered.
func (c coverage) whole(d time.Time) bool {
	var sum time.Duration
	for _, length := range c[d] {
		sum += length
	}
	return sum >= day
}

// days returns the completely answered days of a range (its end exclusive), as the fewest
// periods.
func (c coverage) days(from, to time.Time) []period { return stretches(from, to, c.whole) }

// missing returns the days that were not answered completely.
func (c coverage) missing(from, to time.Time) []period {
	return stretches(from, to, func(d time.Time) bool { return !c.whole(d) })
}

func stretches(from, to time.Time, in func(time.Time) bool) []period {
	var out []period
	for d := from; d.Before(to); d = d.Add(day) {
		switch n := len(out); {
		case !in(d):
		case n > 0 && out[n-1].to.Equal(d):
			out[n-1].to = d.Add(day)
		default:
			out = append(out, period{d, d.Add(day)})
		}
	}
	return out
}
