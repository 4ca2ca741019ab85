package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"polo/actions/action"
)

// Times of the gates.
const (
	// scanAge is how old the scan may be that a violation rests on.
	scanAge = 24 * time.Hour
	// typeWindow is the time in which no more than a part of a type's resources is changed.
	typeWindow = 24 * time.Hour
)

// ProtectedTag refuses every action on the resource that has it, in any case and whatever its value.
const ProtectedTag = "polo:protected"

// Each gate below is one reason to refuse. It returns nil or a *Refusal.

// on is the gate of the setting.
func (e *Engine) on() error {
	if !e.cfg.Settings.Enabled { //mutant:actions-always-on
		return refuse(CodeOff, "Actions are off.")
	}
	return nil
}

// alive is the gate of the kill switch. A switch that cannot be read is off.
func (e *Engine) alive(ctx context.Context) error {
	if err := e.cfg.Switch(ctx); err != nil { //mutant:actions-no-kill-switch
		return refuseBy(CodeKilled, err, "The kill switch is off, or cannot be read.")
	}
	return nil
}

// allowed is the gate of the allow-list.
func (e *Engine) allowed(id string, params map[string]string, r Resource) (*Allow, error) {
	if a := e.cfg.Settings.allowed(id, params, r.Account, r.Environment); a != nil { //mutant:actions-any-account
		return a, nil
	}
	if id == tagAction {
		return nil, refuse(CodeNotAllowed, "The tag %q is not allowed to be set in account %s with the environment %q.", params[tagKey], r.Account, r.Environment)
	}
	return nil, refuse(CodeNotAllowed, "The action %s is not allowed in account %s with the environment %q.", id, r.Account, r.Environment)
}

// violated is the gate of the violation.
func (e *Engine) violated(ctx context.Context, i action.Info, allow *Allow, rule, arn string) error {
	if rule == "" && allow.WithoutViolation && i.Unprompted {
		return nil
	}
	if rule == "" || len(i.Rules) > 0 && !slices.Contains(i.Rules, rule) { //mutant:actions-any-rule
		return refuse(CodeWrongRule, "The action %s does not end a violation of the rule %q.", i.ID, rule)
	}
	v, err := e.cfg.Evidence.Violation(ctx, rule, arn)
	switch {
	case err != nil:
		return refuseBy(CodeEvidenceDown, err, "Whether the rule is violated cannot be read.")
	case v.Status != violationOpen: //mutant:actions-any-violation
		return refuse(CodeNoViolation, "The violation of %s is not open: it is %q.", rule, v.Status)
	case e.cfg.Now().Sub(v.Scanned) > scanAge: //mutant:actions-old-scan
		return refuse(CodeStaleScan, "The resource was last scanned at %s, which is more than a day ago.", v.Scanned.UTC().Format(time.RFC3339))
	}
	return nil
}

// unprotected is the gate of the tag.
func unprotected(s action.State) error {
	for key := range s.Tags {
		if strings.EqualFold(strings.TrimSpace(key), ProtectedTag) { //mutant:actions-protected
			return refuse(CodeProtected, "The resource has the tag %s.", ProtectedTag)
		}
	}
	return nil
}

// secondPerson returns the reasons why a second person must approve.
func (e *Engine) secondPerson(i action.Info, account, environment string, cost []Money) []string {
	s := e.cfg.Settings
	var why []string
	switch {
	case strings.TrimSpace(environment) == "":
		why = append(why, "it is not known what the account is for")
	case s.isProduction(account, environment): //mutant:actions-production
		why = append(why, "the account is one of production: "+environment)
	}
	if i.Irreversible != "" { //mutant:actions-irreversible
		why = append(why, "it cannot be undone: "+i.Irreversible)
	}
	above := s.SecondPersonAbove
	for _, m := range cost {
		if m.Currency != above.Currency && m.Amount.IsPositive() || m.Amount.GreaterThan(above.Amount) { //mutant:actions-amount
			why = append(why, fmt.Sprintf("the resource cost %s %s in 30 days", m.Amount, m.Currency))
		}
	}
	return why
}

// plansLeft is the gate of the plans that one person makes: each is kept, with its seal, in the journal.
func (e *Engine) plansLeft(ctx context.Context, who Person, now time.Time) error {
	entries, err := e.cfg.Journal.All(ctx, now.Add(-time.Hour))
	if err != nil {
		return &Refusal{Code: CodeJournalDown, Text: "The journal cannot be read.", Err: err, Retry: time.Minute}
	}
	n := 0
	for _, entry := range entries {
		if entry.Kind == KindPlanned && entry.Person.Is(who) {
			n++
		}
	}
	if most := e.cfg.Settings.Limits.PersonPlans; n >= most {
		return &Refusal{Code: CodePlansLimit, Text: fmt.Sprintf("You made %d plans in the last hour, and no more than %d may be.", n, most), Retry: time.Hour}
	}
	return nil
}

// counts reports whether a phase of an action counts in the limits: an undo does if it exposes something.
func counts(id string, phase Phase) bool {
	a, err := action.ByID(id)
	return phase == PhaseExecute || err == nil && a.Info().UndoExposes != ""
}

// withinLimits is the gate of the rates. It counts every attempt that was not refused, those that have begun
// but not ended too, in whatever order they began: of attempts side by side some may be refused that need not be, but never is one too many made.
func (e *Engine) withinLimits(ctx context.Context, p *Plan, phase Phase, mine string, now time.Time) error {
	entries, err := e.cfg.Journal.All(ctx, now.Add(-typeWindow))
	if err != nil {
		return refuseBy(CodeJournalDown, err, "The journal cannot be read.")
	}
	hour, account, resources := map[string]bool{}, map[string]bool{}, map[string]bool{p.ARN: true}
	for _, a := range attempts(entries) {
		if a.refused() || !counts(a.intent.Action, a.intent.Phase) || a.intent.Attempt == mine || a.intent.Plan == p.ID && a.intent.Phase == phase {
			continue
		}
		if a.intent.Type == p.Type && a.intent.Phase == PhaseExecute {
			resources[a.intent.ARN] = true
		}
		if a.intent.At.After(now.Add(-time.Hour)) {
			what := a.intent.Plan + " " + string(a.intent.Phase)
			hour[what] = true
			if a.intent.Account == p.Account {
				account[what] = true
			}
		}
	}
	l := e.cfg.Settings.Limits
	if len(hour) >= l.Hour { //mutant:actions-hour
		return &Refusal{Code: CodeHourLimit, Text: fmt.Sprintf("%d actions were begun in the last hour, and no more than %d may be.", len(hour), l.Hour), Retry: time.Hour}
	}
	if len(account) >= l.AccountHour { //mutant:actions-account-hour
		return &Refusal{Code: CodeAccountLimit, Text: fmt.Sprintf("%d actions were begun in account %s in the last hour, and no more than %d may be.", len(account), p.Account, l.AccountHour), Retry: time.Hour}
	}
	if phase == PhaseUndo {
		return nil
	}
	total, err := e.cfg.Evidence.Count(ctx, p.Type)
	if err != nil {
		return refuseBy(CodeEvidenceDown, err, "How many resources there are cannot be read.")
	}
	// One may always be: of few resources, a part is less than one.
	if most := max(total*int64(l.TypePercent)/100, 1); int64(len(resources)) > most { //mutant:actions-type
		return &Refusal{
			Code: CodeTypeLimit, Retry: typeWindow,
			Text: fmt.Sprintf("This would be the %d. of %d resources of type %s in a day, and no more than %d may be changed.", len(resources), total, p.Type, most),
		}
	}
	return nil
}

// asRefusal returns err as a refusal: any other error is a fault of what was asked.
func asRefusal(err error, code Code, text string) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return refuseBy(code, err, text)
}
