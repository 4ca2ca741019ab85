package actions

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Kind is what an entry of the journal says.
type Kind string

// Kinds. An attempt begins with its intent and has at least one end. Of several the strongest counts: a refusal, which
// only the attempt itself writes, instead of its call; then an effect that was seen; then a failure. Unknown is no end.
const (
	KindPlanned   Kind = "planned"
	KindApproved  Kind = "approved"
	KindRefused   Kind = "refused"
	KindIntended  Kind = "intended"
	KindAdvanced  Kind = "advanced" // a call took effect, and others of the plan follow
	KindExecuted  Kind = "executed"
	KindUndone    Kind = "undone"
	KindFailed    Kind = "failed"
	KindUnknown   Kind = "unknown"
	KindConfirmed Kind = "confirmed"
)

// Entry is one statement of the journal.
type Entry struct {
	Kind Kind
	// Plan is the plan's id; empty for a refused plan.
	Plan  string
	Phase Phase
	// Step is which call of the phase an attempt makes, from 0.
	Step int
	// Attempt is the request that made the attempt: the name of its session. Empty where there is none.
	Attempt string
	// At is when the plan was made, approved or refused, or when the attempt began: an attempt's entries share it.
	// Observed is when this was said.
	At, Observed time.Time

	Action, ARN, Account, Region, Environment, Type, Rule string
	// Person is who caused it.
	Person Person
	// Reason is a Code, or AWS's error code; Text explains it.
	Reason, Text string
	Nonce        string
	// Call is the service and operation of an attempt.
	Call string
	// Sealed is the plan, of a plan and an intent, or the approval. Only an intent's is read again.
	Sealed string
}

// Journal is the record of all that was asked, decided and done.
type Journal interface {
	// Append returns nil once the entries are safe. After an error they may be so nevertheless. An
	// entry that is appended again replaces itself.
	Append(ctx context.Context, entries ...Entry) error
	// OfResource returns the entries of a resource since a time that can be seen by now. Whoever
	// saw an entry before, and whoever looks after, sees it.
	OfResource(ctx context.Context, arn string, since time.Time) ([]Entry, error)
	// All returns the entries of all resources.
	All(ctx context.Context, since time.Time) ([]Entry, error)
}

// attempt is an attempt as the journal tells it.
type attempt struct {
	intent Entry
	// end is the strongest end, or its zero value.
	end Entry
	// accepted reports whether AWS took the call without its effect being seen.
	accepted, confirmed bool
}

func (a attempt) open() bool { return a.end.Kind == "" }

// took reports whether its call took effect.
func (a attempt) took() bool {
	return slices.Contains([]Kind{KindAdvanced, KindExecuted, KindUndone}, a.end.Kind)
}

// refused reports whether its call was never made.
func (a attempt) refused() bool { return a.end.Kind == KindRefused }

func strength(k Kind) int {
	switch k {
	case KindRefused:
		return 3
	case KindAdvanced, KindExecuted, KindUndone:
		return 2
	case KindFailed:
		return 1
	}
	return 0
}

// attempts folds entries into attempts, in the order that they began.
func attempts(entries []Entry) []attempt {
	type key struct{ plan, attempt string }
	byKey := map[key]*attempt{}
	for _, e := range entries {
		if e.Kind == KindIntended {
			byKey[key{e.Plan, e.Attempt}] = &attempt{intent: e}
		}
	}
	for _, e := range entries {
		a := byKey[key{e.Plan, e.Attempt}]
		switch {
		case a == nil:
		case e.Kind == KindConfirmed:
			a.confirmed = true
		case e.Kind == KindUnknown:
			a.accepted = a.accepted || e.Reason == reasonAccepted
		case strength(e.Kind) > strength(a.end.Kind):
			a.end = e
		}
	}
	all := make([]attempt, 0, len(byKey))
	for _, a := range byKey {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b attempt) int { return a.compare(b) })
	return all
}

// compare orders attempts by their beginning; of those of one moment, by their ids.
func (a attempt) compare(b attempt) int {
	return cmp.Or(a.intent.At.Compare(b.intent.At), strings.Compare(a.intent.Plan, b.intent.Plan), strings.Compare(a.intent.Attempt, b.intent.Attempt))
}

// entry returns an entry of a plan.
func (p *Plan) entry(kind Kind, phase Phase, now time.Time) Entry {
	return Entry{
		Kind: kind, Plan: p.ID, Phase: phase, At: now, Observed: now, Action: p.Action, ARN: p.ARN, Account: p.Account, Region: p.Region,
		Environment: p.Environment, Type: p.Type, Rule: p.Rule,
	}
}

// ended returns an end of an attempt.
func (e Entry) ended(kind Kind, now time.Time, reason, text string) Entry {
	e.Kind, e.Observed, e.Reason, e.Text, e.Sealed, e.Nonce = kind, now, reason, text, "", ""
	return e
}
