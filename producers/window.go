package producers

import (
	"fmt"
	"time"
)

// Window is the time that one run of a collector covers: From (inclusive) to To
// (exclusive), UTC.
type Window struct{ From, To time.Time }

// RunWindow returns the window of a run: the period before its scheduled time, and
// lookback before that. It depends on nothing else, so a run that is late or repeated
// reads what it would have read in time. lookback overlaps earlier runs: it covers what
// a source delivers late, and missed runs, as far as it goes. What is read twice has
// the same event_id and counts once.
func RunWindow(scheduled time.Time, period, lookback time.Duration) (Window, error) {
	switch {
	case scheduled.IsZero():
		return Window{}, fmt.Errorf("window of a run without a scheduled time")
	case period <= 0:
		return Window{}, fmt.Errorf("window of a run every %v: not a period", period)
	case lookback < 0:
		return Window{}, fmt.Errorf("window of a run with lookback %v: below zero", lookback)
	}
	to := scheduled.UTC()
	return Window{From: to.Add(-period).Add(-lookback), To: to}, nil
}

// Contains reports whether t is in w.
func (w Window) Contains(t time.Time) bool { return !t.Before(w.From) && t.Before(w.To) }
