package actions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"polo/actions/action"
)

// settle finds out what became of an attempt without an end, by looking. It returns the attempt with its end, if it has one
// now. It changes nothing but the journal.
func (e *Engine) settle(ctx context.Context, a attempt) (attempt, error) {
	p, err := e.openPlan(a.intent.Sealed)
	if err != nil {
		return a, err
	}
	steps, err := p.steps(a.intent.Phase)
	if err != nil || a.intent.Step < 0 || a.intent.Step >= len(steps) {
		return a, refuseBy(CodeBadPlan, err, "The attempt is of another version of this function.")
	}
	known, err := action.ByID(p.Action)
	if err != nil {
		return a, refuse(CodeUnknownAction, "%v.", err)
	}
	s, err := e.look(ctx, known, &p.Plan)
	if err != nil {
		return a, err
	}
	now := e.now()
	age, patience := now.Sub(a.intent.At), e.cfg.Times.Settle
	if a.accepted {
		patience = e.cfg.Times.Accepted
	}
	var end Entry
	switch effect := steps[a.intent.Step].Effect(s); {
	case effect == action.Taken:
		end = a.intent.ended(kindOf(a.intent.Phase, a.intent.Step, len(steps)), now, reasonFound, "The resource shows the call's effect.")
	case effect == action.Absent && age > patience:
		calls, err := e.cfg.Evidence.Calls(ctx, a.intent.Attempt, a.intent.At.Add(-time.Minute))
		text := "and CloudTrail shows no call"
		switch {
		case err != nil:
			return a, refuseBy(CodeEvidenceDown, err, "Whether CloudTrail has the call cannot be read.")
		case len(calls) > 0 && age <= e.cfg.Times.Accepted: // its effect may take as long as that of a call that AWS accepted
			return a, nil
		case len(calls) > 0:
			text = "though CloudTrail shows the call: somebody may have changed it back"
		}
		end = a.intent.ended(KindFailed, now, reasonNoEffect, fmt.Sprintf("The resource does not show the call's effect %s after it was intended, %s.", age.Round(time.Second), text))
	default: // young, or underway
		return a, nil
	}
	if err := e.say(ctx, end); err != nil {
		return a, refuseBy(CodeJournalDown, err, "The outcome cannot be written down.")
	}
	a.end = end
	return a, nil
}

// Swept is what a sweep found.
type Swept struct {
	// Settled are attempts that got an end, Open those without one yet.
	Settled int `json:"settled"`
	Open    int `json:"open"`
	// Confirmed are attempts whose call CloudTrail shows; Unconfirmed those that took effect an hour to a
	// day ago, without.
	Confirmed   int `json:"confirmed"`
	Unconfirmed int `json:"unconfirmed"`
	// Failed are attempts that could not be looked at.
	Failed int `json:"failed"`
}

const (
	// sweepTime is how far back a sweep looks.
	sweepTime = historyTime
	// confirmTime is how long CloudTrail may take to show a call, and giveUpTime how long it is looked for.
	confirmTime = time.Hour
	giveUpTime  = 25 * time.Hour
)

// Sweep settles every attempt without an end that is not just being made, and looks for CloudTrail's own event of each that took
// effect. It runs on a schedule, and never writes to a cloud.
func (e *Engine) Sweep(ctx context.Context) (Swept, error) {
	var swept Swept
	now := e.now()
	entries, err := e.cfg.Journal.All(ctx, now.Add(-sweepTime))
	if err != nil {
		return swept, fmt.Errorf("reading the journal: %w", err)
	}
	var errs []error
	for _, a := range attempts(entries) {
		if a.open() && now.Sub(a.intent.At) > e.cfg.Times.Begin+e.cfg.Times.Call {
			settled, err := e.settle(ctx, a)
			switch {
			case err != nil:
				swept.Failed++
				errs = append(errs, fmt.Errorf("settling attempt %s of plan %s: %w", a.intent.Attempt, a.intent.Plan, err))
			case !settled.open():
				swept.Settled++
				a = settled
			}
		}
		switch {
		case a.open():
			swept.Open++
		case a.took() && !a.confirmed && now.Sub(a.intent.At) < giveUpTime:
			if err := e.confirm(ctx, a, now, &swept); err != nil {
				swept.Failed++
				errs = append(errs, err)
			}
		}
	}
	return swept, errors.Join(errs...)
}

// confirm looks for CloudTrail's event of an attempt's call.
func (e *Engine) confirm(ctx context.Context, a attempt, now time.Time, swept *Swept) error {
	calls, err := e.cfg.Evidence.Calls(ctx, a.intent.Attempt, a.intent.At.Add(-time.Minute))
	switch {
	case err != nil:
		return fmt.Errorf("looking for the call of attempt %s: %w", a.intent.Attempt, err)
	case len(calls) > 0:
		swept.Confirmed++
		return e.say(ctx, a.intent.ended(KindConfirmed, now, calls[0], "CloudTrail shows the call."))
	case now.Sub(a.intent.At) > confirmTime:
		swept.Unconfirmed++
		e.cfg.Logger.WarnContext(ctx, "CloudTrail shows no call of an attempt that took effect", slog.String("attempt", a.intent.Attempt), slog.String("plan", a.intent.Plan))
	}
	return nil
}
