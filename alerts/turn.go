package alerts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"slices"
	"time"
)

// Claim is a run's claim to be the one that evaluates.
type Claim struct {
	// Run is the run's own token.
	Run       string
	Scheduled time.Time
	// At is when it was made. Lease is the most that the run takes: after it, the run is dead.
	At    time.Time
	Lease time.Duration
}

func (c Claim) dead(now time.Time) bool { return now.After(c.At.Add(c.Lease)) }

// before orders the claims of runs at once.
func (c Claim) before(other Claim) bool {
	return cmp.Or(c.Scheduled.Compare(other.Scheduled), cmp.Compare(c.Run, other.Run)) < 0
}

// Turns is what the log says of runs.
type Turns struct {
	// Evaluated is the scheduled time of the latest run that finished; zero if none did.
	Evaluated time.Time
	// Open are the claims without an end that are later than the latest finished run.
	Open []Claim
}

// ErrBehind means that what is published does not arrive in ClickHouse in time.
var ErrBehind = errors.New("the events of alerts do not arrive in ClickHouse in time")

// turn is how a run may proceed.
type turn int

const (
	// yield: another run evaluates, or has.
	yield turn = iota
	// exclusive: every earlier run has ended, and what it sent is known.
	exclusive
	// takeover: an earlier run has no end. What it sent may not be known.
	takeover
	// blind: the claim does not arrive, and nothing was evaluated for long.
	blind
)

// claim publishes c and waits until it decides whose turn it is.
//
// Two runs never both get exclusive: each looks after its own claim has arrived, and so the one whose claim arrived later sees the
// other. Of runs that see each other the first by scheduled time and token waits for the others' end, and the others yield.
func (r *Runner) claim(ctx context.Context, c Claim) (turn, error) {
	if err := r.cfg.Journal.Publish(ctx, c.claimed(r.now())); err != nil {
		return yield, fmt.Errorf("claiming the turn: %w", err)
	}
	var turns Turns
	arrived := false
	err := r.await(ctx, func() (bool, error) {
		var err error
		if turns, err = r.cfg.Store.Turns(ctx); err != nil {
			return false, err
		}
		if !c.Scheduled.After(turns.Evaluated) {
			return true, nil
		}
		arrived = slices.ContainsFunc(turns.Open, func(other Claim) bool { return other.Run == c.Run })
		first := !slices.ContainsFunc(turns.Open, func(other Claim) bool { return !other.dead(r.now()) && other.before(c) })
		alone := !slices.ContainsFunc(turns.Open, func(other Claim) bool { return !other.dead(r.now()) && other.Run != c.Run })
		return arrived && (alone || !first), nil //mutant:claims-are-not-awaited
	})
	switch {
	case err != nil && !errors.Is(err, ErrBehind):
		return yield, err
	case !c.Scheduled.After(turns.Evaluated):
		return yield, nil
	case !arrived && r.overdue(c.Scheduled, turns.Evaluated):
		return blind, nil
	case !arrived:
		return yield, ErrBehind
	}
	decided := exclusive
	for _, other := range turns.Open {
		switch {
		case other.Run == c.Run:
		case !other.dead(r.now()):
			r.cfg.Log.InfoContext(ctx, "another run evaluates the alerts", slog.Time("scheduled", other.Scheduled))
			return yield, nil
		default:
			decided = takeover
		}
	}
	return decided, nil
}

// overdue reports whether a run evaluates and sends although it sees nothing of what was published lately: after 2, 4, 8, ... intervals
// without a finished run, so that an outage of the queue is neither silence nor a message every five minutes. Where none has ever
// finished, the intervals are those of the day.
func (r *Runner) overdue(scheduled, evaluated time.Time) bool {
	if evaluated.IsZero() {
		evaluated = scheduled.UTC().Truncate(24 * time.Hour)
	}
	missed := uint64(max(0, scheduled.Sub(evaluated)/r.cfg.Interval)) //nolint:gosec // not negative
	return missed >= 2 && bits.OnesCount64(missed) == 1               //mutant:blind-at-every-interval
}

// await asks until ask says yes, at growing intervals, for at most the time that events may take to arrive. Then it returns ErrBehind.
func (r *Runner) await(ctx context.Context, ask func() (bool, error)) error {
	const most = 2 * time.Second
	end := r.now().Add(r.cfg.Arrival)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, most) {
		done, err := ask()
		if err != nil || done {
			return err
		}
		if !r.now().Before(end) {
			return ErrBehind
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}
