package alerts

import (
	"time"
)

// State is the state of what an alert found, or of an alert that cannot be evaluated.
type State string

// The states.
const (
	// OK means that it did not last long enough to fire. A thing that was never found has no state.
	OK State = "ok"
	// Pending was found, but not yet in as many evaluations in a row as the alert demands.
	Pending State = "pending"
	Firing  State = "firing"
	// Recovering is not found any more, but not yet in as many evaluations in a row as the alert demands.
	Recovering State = "recovering"
	Resolved   State = "resolved"
	// Error and NoData are what Firing is to a condition of the alert itself.
	Error  State = "error"
	NoData State = "no_data"
)

// open reports whether an episode is under way.
func (s State) open() bool { return s == Firing || s == Recovering || s == Error || s == NoData }

// Observation is what one evaluation says of one thing.
type Observation int

// The observations.
const (
	// Unknown says nothing: the query failed, its answer was cut, or what it rests on was not read to its end.
	Unknown Observation = iota
	Found
	Absent
	// Withdrawn means that the alert is not evaluated any more.
	Withdrawn
)

// Policy is how long a thing must be found before it fires, and absent before it is resolved.
type Policy struct {
	// For is how many evaluations in a row must find it; 0 is 1.
	For int
	// KeepFiring is how many evaluations in a row after the first without it keep it firing.
	KeepFiring int
}

// Progress is where a thing stands between the states.
type Progress struct {
	State State
	// Since is the evaluation that brought it into its state.
	Since time.Time
	// Count is how many evaluations in a row found it while pending, or did not while recovering.
	Count int
	// Fired is the first firing evaluation of its episode; zero if it did not fire.
	Fired time.Time
}

// Next returns what an evaluation at the time at makes of p. on is the state in which the thing is told: Firing, Error or NoData. It equals p if
// nothing changed.
func (p Progress) Next(o Observation, on State, policy Policy, at time.Time) Progress {
	enter := func(s State, count int, fired time.Time) Progress {
		return Progress{State: s, Since: at, Count: count, Fired: fired}
	}
	switch {
	case o == Unknown: //mutant:unknown-resolves
		return p
	case o == Withdrawn && p.State.open():
		return enter(Resolved, 0, p.Fired)
	case o == Withdrawn && p.State == Pending:
		return enter(OK, 0, time.Time{})
	case o == Withdrawn:
		return p
	}
	switch p.State {
	case Pending:
		switch {
		case o == Absent:
			return enter(OK, 0, time.Time{})
		case p.Count+1 >= policy.For:
			return enter(on, 0, at)
		default:
			p.Count++
			return p
		}
	case Firing, Error, NoData:
		switch {
		case o == Found:
			return p
		case policy.KeepFiring > 0:
			return enter(Recovering, 1, p.Fired)
		default:
			return enter(Resolved, 0, p.Fired)
		}
	case Recovering:
		switch {
		case o == Found: // the same episode
			return enter(on, 0, p.Fired)
		case p.Count >= policy.KeepFiring:
			return enter(Resolved, 0, p.Fired)
		default:
			p.Count++
			return p
		}
	default: // OK, Resolved, or never found
		switch {
		case o == Absent:
			return p
		case policy.For > 1:
			return enter(Pending, 1, time.Time{})
		default:
			return enter(on, 0, at)
		}
	}
}
