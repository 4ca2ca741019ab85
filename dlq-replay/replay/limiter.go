package replay

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// limiter limits a rate that starts slowly.
type limiter struct {
	l     *rate.Limiter
	most  rate.Limit
	burst int
	start time.Time
	slow  time.Duration
}

// firstRate is the starting rate of a run without a rate, in letters a second.
const firstRate = 50

func (r *Run) limiter() *limiter {
	// The burst is a tenth of a second's letters.
	most, burst := rate.Limit(r.Rate), min(max(int(r.Rate/10), 1), 100)
	if r.Rate <= 0 {
		most, burst = rate.Inf, 100
	}
	return &limiter{l: rate.NewLimiter(most, burst), most: most, burst: burst, start: time.Now(), slow: r.SlowStart}
}

// wait waits for the next letter's turn.
func (l *limiter) wait(ctx context.Context) error {
	if passed := time.Since(l.start); passed < l.slow {
		part := rate.Limit(float64(passed) / float64(l.slow))
		if l.most == rate.Inf {
			// The rate grows to a hundred times the first rate, then is unlimited.
			l.l.SetLimit(firstRate * (1 + 99*part))
		} else {
			l.l.SetLimit(l.most * (0.1 + 0.9*part))
		}
	} else if l.l.Limit() != l.most {
		l.l.SetLimit(l.most)
	}
	if l.l.Limit() == rate.Inf {
		return ctx.Err()
	}
	return l.l.Wait(ctx)
}
