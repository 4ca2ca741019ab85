package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"polo/alerts/channel"
	"polo/schema/alerts"
	"polo/schema/queries"
)

// finding is what an evaluation says of one subject.
type finding struct {
	subject     Subject
	observation Observation
}

// findings are what one evaluation of one alert says.
type findings struct {
	alert alerts.Alert
	// found has what the answer names, by fingerprint.
	found map[string]finding
	// others is what is said of all that the answer does not name.
	others Observation
	// failed, empty report whether the alert could not be evaluated, or had nothing to judge.
	failed, empty bool
}

// policy of a condition of an alert itself: one evaluation that fails is none.
var conditionPolicy = Policy{For: 2}

// evaluate evaluates all alerts that are on, a few at a time.
func (r *Runner) evaluate(ctx context.Context, at time.Time) []findings {
	out := make([]findings, len(r.enabled))
	var g errgroup.Group
	g.SetLimit(2)
	for i, e := range r.enabled {
		g.Go(func() error {
			out[i] = r.evaluateOne(ctx, e, at)
			return nil
		})
	}
	_ = g.Wait() // none returns an error
	return out
}

func (r *Runner) evaluateOne(ctx context.Context, e enabled, at time.Time) findings {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.QueryTime)
	defer cancel()
	f, err := r.ask(ctx, e, at)
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "an alert cannot be evaluated", slog.String("alert", e.alert.ID), slog.String("error", err.Error()))
		return findings{alert: e.alert, others: Unknown, failed: true}
	}
	return f
}

func (r *Runner) ask(ctx context.Context, e enabled, at time.Time) (findings, error) {
	bound, err := e.alert.Bind(e.values, at)
	if err != nil {
		return findings{}, err
	}
	f := findings{alert: e.alert, found: map[string]finding{}, others: Absent}
	if e.alert.Data != "" {
		some, err := r.cfg.Store.HasData(ctx, e.alert.Data)
		if err != nil {
			return findings{}, fmt.Errorf("asking whether there are data: %w", err)
		}
		if !some {
			f.others, f.empty = Unknown, true
			return f, nil
		}
	}
	answer, err := r.cfg.Store.Answer(ctx, bound)
	if err != nil {
		return findings{}, err
	}
	// What was cut off may be anything.
	if answer.Truncated { //mutant:cut-answers-resolve
		f.others = Unknown
	}
	for i := range answer.Rows {
		x, err := read(e.alert, answer, i)
		if err != nil {
			return findings{}, fmt.Errorf("row %d: %w", i+1, err)
		}
		key := x.subject.Fingerprint()
		if earlier, twice := f.found[key]; twice && earlier.observation == Found {
			continue
		}
		f.found[key] = x
	}
	return f, nil
}

// read reads a row of an alert's answer.
func read(a alerts.Alert, answer queries.Answer, row int) (finding, error) {
	s := Subject{Alert: a.ID, Title: a.Title, Severity: a.Severity, On: Firing}
	text := func(c queries.Column) (string, error) {
		i := slices.IndexFunc(answer.Query.Columns, func(have queries.Column) bool { return have.Name == c.Name })
		if i < 0 {
			return "", fmt.Errorf("there is no column %s", c.Name)
		}
		return words(answer.Rows[row][i]), nil
	}
	for _, c := range a.Labels {
		value, err := text(c)
		if err != nil {
			return finding{}, err
		}
		s.Labels = append(s.Labels, channel.Pair{Name: c.Name, Value: clipLabel(value)})
	}
	for _, c := range a.Values {
		value, err := text(c)
		if err != nil {
			return finding{}, err
		}
		s.Values = append(s.Values, channel.Pair{Name: c.Name, Value: clip(value, mostValue)})
	}
	verdict, err := text(queries.Column{Name: alerts.Verdict})
	if err != nil {
		return finding{}, err
	}
	switch verdict {
	case alerts.Wrong:
		return finding{s, Found}, nil
	case alerts.Unknown:
		return finding{s, Unknown}, nil
	default:
		return finding{}, fmt.Errorf("the verdict %q is neither %s nor %s", verdict, alerts.Wrong, alerts.Unknown)
	}
}

// condition is the subject of what is wrong with an alert itself.
func condition(a alerts.Alert, on State) Subject {
	return Subject{Alert: a.ID, Title: a.Title, Severity: a.Severity, Labels: []channel.Pair{{Name: conditionLabel, Value: string(on)}}, On: on}
}

// conditions returns what an evaluation says of the conditions of the alert itself.
func (f findings) conditions() []finding {
	said := map[bool]Observation{true: Found, false: Absent}
	empty := said[f.empty]
	switch {
	case !f.alert.NoData:
		empty = Withdrawn
	case f.failed:
		empty = Unknown
	}
	return []finding{{condition(f.alert, Error), said[f.failed]}, {condition(f.alert, NoData), empty}}
}

// advance applies an evaluation to the statuses, and returns those that changed. It updates statuses, a map by fingerprint, in place.
func (r *Runner) advance(statuses map[string]Status, all []findings, at time.Time) []change {
	var out []change
	apply := func(id string, s Subject, o Observation, policy Policy) {
		was := statuses[id]
		next := Status{Subject: s, ID: id, Changed: was.Changed, Progress: was.Next(o, s.On, policy, at)}
		if o != Found { // what was found last stays
			next.Labels, next.Values = was.Labels, was.Values
		}
		if next.Progress != was.Progress {
			next.Changed = at
			if next.State == Resolved || next.State == OK {
				next.Reason = map[bool]string{true: "withdrawn", false: "absent"}[o == Withdrawn]
			}
			out = append(out, change{from: was.State, to: next})
		} else {
			next.Reason = was.Reason
		}
		if next.State != "" {
			statuses[id] = next
		}
	}
	evaluated := map[string]findings{}
	for _, f := range all {
		evaluated[f.alert.ID] = f
		policy := Policy{For: f.alert.For, KeepFiring: f.alert.KeepFiring}
		for id, x := range f.found {
			apply(id, x.subject, x.observation, policy)
		}
		for _, c := range f.conditions() {
			apply(c.subject.Fingerprint(), c.subject, c.observation, conditionPolicy)
		}
	}
	for id, s := range statuses {
		f, on := evaluated[s.Alert]
		if s.On != Firing && on { // a condition, applied above
			continue
		}
		if _, named := f.found[id]; named {
			continue
		}
		if !on {
			apply(id, s.Subject, Withdrawn, Policy{})
			continue
		}
		apply(id, s.Subject, f.others, Policy{For: f.alert.For, KeepFiring: f.alert.KeepFiring})
	}
	slices.SortFunc(out, func(a, b change) int { return compareStatus(a.to, b.to) })
	return out
}

// change is a subject's change of state.
type change struct {
	from State
	to   Status
}
