package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/shopspring/decimal"

	"polo/actions/action"
	"polo/internal/redact"
)

// Ask is what a plan is asked for.
type Ask struct {
	Action string            `json:"action"`
	ARN    string            `json:"arn"`
	Rule   string            `json:"rule"`
	Params map[string]string `json:"params"`
}

// Planned is a plan, and the text that stands for it.
type Planned struct {
	Plan   Plan   `json:"plan"`
	Hash   string `json:"hash"`
	Sealed string `json:"sealed"`
}

// maxLive bounds the description of a resource in a plan, in bytes.
const maxLive = 64 << 10

// Plan looks at a resource and says what would be done. It changes nothing.
func (e *Engine) Plan(ctx context.Context, c Caller, ask Ask) (Planned, error) {
	p, err := e.plan(ctx, c, ask)
	if err != nil {
		r := asRefusal(err, CodeBadTarget, "The plan cannot be made.")
		now := e.now()
		_ = e.say(ctx, Entry{ // a refusal stands, written or not
			Kind: KindRefused, At: now, Observed: now, Attempt: c.Request, Action: ask.Action, ARN: parsed(ask.ARN), Rule: ask.Rule, Person: c.Person, Reason: string(r.Code), Text: r.Text,
		})
		return Planned{}, r
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return Planned{}, err
	}
	out := Planned{Plan: *p, Hash: hash(payload), Sealed: e.cfg.Keys.seal(kindPlan, payload)}
	entry := p.entry(KindPlanned, "", p.Created)
	entry.Person, entry.Sealed, entry.Nonce = c.Person, out.Sealed, c.Nonce
	if err := e.say(ctx, entry); err != nil {
		return Planned{}, refuseBy(CodeJournalDown, err, "The plan cannot be written down.")
	}
	return out, nil
}

func (e *Engine) plan(ctx context.Context, c Caller, ask Ask) (*Plan, error) {
	if err := e.on(); err != nil {
		return nil, err
	}
	if err := e.alive(ctx); err != nil {
		return nil, err
	}
	if err := e.plansLeft(ctx, c.Person, e.now()); err != nil {
		return nil, err
	}
	a, err := action.ByID(ask.Action)
	if err != nil {
		return nil, refuse(CodeUnknownAction, "%v.", err)
	}
	i := a.Info()
	r, err := e.cfg.Evidence.Resource(ctx, ask.ARN)
	switch {
	case errors.Is(err, ErrNoResource):
		return nil, refuse(CodeUnknownResource, "Polo knows no resource of that ARN.")
	case err != nil:
		return nil, refuseBy(CodeEvidenceDown, err, "The resource cannot be read.")
	}
	allow, err := e.allowed(i.ID, ask.Params, r)
	if err != nil {
		return nil, err
	}
	now := e.now()
	p := &Plan{
		ID: e.cfg.NewID(), Action: i.ID, Title: i.Title, ARN: ask.ARN, Rule: ask.Rule, Params: ask.Params, Account: r.Account, Region: r.Region,
		Environment: r.Environment, Type: r.Type, AskedBy: c.Person, Created: now, Expires: now.Add(PlanTime),
	}
	if err := a.Check(p.Target()); err != nil {
		return nil, refuse(CodeBadTarget, "%v", err)
	}
	if err := e.violated(ctx, i, allow, ask.Rule, ask.ARN); err != nil {
		return nil, err
	}
	s, err := e.look(ctx, a, p)
	if err != nil {
		return nil, err
	}
	if err := unprotected(s); err != nil {
		return nil, err
	}
	if err := a.Precondition(p.Target(), s); err != nil {
		return nil, refuse(CodeNotApplicable, "%v.", err)
	}
	if err := p.describe(a, s); err != nil {
		return nil, err
	}
	if p.Cost, err = e.cfg.Evidence.Cost(ctx, ask.ARN); err != nil {
		return nil, refuseBy(CodeEvidenceDown, err, "What the resource costs cannot be read.")
	}
	p.Saving = saving(i, s, p.Cost)
	p.SecondPerson = e.secondPerson(i, r.Account, r.Environment, p.Cost)
	return p, nil
}

// describe fills in what was seen and what would be called.
func (p *Plan) describe(a action.Action, s action.State) error {
	facts, err := json.Marshal([]any{s.Facts, p.Params})
	if err != nil {
		return err
	}
	// Facts are written to the journal, and an undo restores them: a redacted one would be restored wrongly.
	if clean, _ := redact.Bytes(facts); !bytes.Equal(clean, facts) { //mutant:actions-secret-facts
		return refuse(CodeSecretInState, "What must be kept of the resource, or a parameter, looks like a secret: do this by hand.")
	}
	live, err := compact(s.Live)
	if err != nil {
		return fmt.Errorf("describing the resource: %w", err)
	}
	if live, _ = redact.Bytes(live); len(live) > maxLive {
		live = json.RawMessage(fmt.Sprintf(`{"left_out":"%d bytes"}`, len(live)))
	}
	if !json.Valid(live) {
		return errors.New("the redacted resource is not JSON")
	}
	i := a.Info()
	p.Live, p.Facts, p.Precondition = live, s.Facts, factsHash(s.Facts)
	p.Undo = UndoPlan{Text: i.Undo, Irreversible: i.Irreversible}
	if p.Calls, err = callsOf(a.Steps(p.Target(), s.Facts)); err != nil {
		return err
	}
	if p.Undo.Calls, err = callsOf(a.Undo(p.Target(), s.Facts)); err != nil {
		return err
	}
	if len(p.Undo.Calls) > 0 {
		p.Undo.Exposes = i.UndoExposes
	}
	return nil
}

// saving returns what an action saves of a cost; nil if nothing, if that is not known, or if it is in several currencies.
func saving(i action.Info, s action.State, cost []Money) *Saving {
	if i.SavingPercent == 0 || s.NoSaving || len(cost) != 1 || !cost[0].Amount.IsPositive() {
		return nil
	}
	return &Saving{
		Money: Money{Amount: cost[0].Amount.Mul(decimal.New(i.SavingPercent, -2)), Currency: cost[0].Currency},
		Basis: fmt.Sprintf("%d%% of what the resource cost in the last 30 whole days", i.SavingPercent),
	}
}

// look looks at a plan's resource.
func (e *Engine) look(ctx context.Context, a action.Action, p *Plan) (action.State, error) {
	r, err := e.cfg.Cloud.Reader(ctx, p.Account, p.Region)
	if err != nil {
		return action.State{}, refuseBy(CodeCannotLook, err, "The account cannot be read.")
	}
	s, err := a.Inspect(ctx, r, p.Target())
	if err != nil {
		return s, refuseBy(CodeCannotLook, err, "The resource cannot be read.")
	}
	return s, nil
}

// Approve states that somebody else consents to a plan, or to its undo.
func (e *Engine) Approve(ctx context.Context, c Caller, text string, phase Phase) (string, Approval, error) {
	p, err := e.openPlan(text)
	if err != nil {
		return "", Approval{}, err
	}
	now := e.now()
	a := Approval{Plan: p.ID, Hash: p.hash, For: phase, By: c.Person, At: now, Expires: p.Expires}
	switch {
	case phase == PhaseUndo:
		a.Expires = now.Add(PlanTime)
	case now.After(p.Expires):
		err = refuse(CodeExpired, "The plan has expired: plan again.")
	}
	if c.Person.Is(p.AskedBy) { //mutant:actions-approves-own
		err = refuse(CodeSamePerson, "Who asked for a plan cannot approve it.")
	}
	if err == nil {
		err = e.on()
	}
	if err == nil {
		err = e.alive(ctx)
	}
	if err != nil {
		e.refused(ctx, c, p, phase, err)
		return "", Approval{}, err
	}
	payload, err := json.Marshal(a)
	if err != nil {
		return "", Approval{}, err
	}
	out := e.cfg.Keys.seal(kindApproval, payload)
	entry := p.entry(KindApproved, phase, now)
	entry.Person, entry.Sealed, entry.Nonce = c.Person, out, c.Nonce
	if err := e.say(ctx, entry); err != nil {
		return "", Approval{}, refuseBy(CodeJournalDown, err, "The approval cannot be written down.")
	}
	return out, a, nil
}

// refused writes down a refusal that ends no attempt.
func (e *Engine) refused(ctx context.Context, c Caller, p sealed, phase Phase, err error) {
	r := asRefusal(err, CodeBadPlan, "")
	now := e.now()
	entry := p.entry(KindRefused, phase, now)
	entry.Attempt, entry.Person, entry.Reason, entry.Text = c.Request, c.Person, string(r.Code), r.Text
	_ = e.say(ctx, entry) // a refusal stands, written or not
	e.cfg.Logger.InfoContext(ctx, "refused", slog.String("plan", p.ID), slog.String("code", string(r.Code)))
}
