package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"polo/actions/action"
)

// PlanTime is how long a plan may be approved and executed.
const PlanTime = 30 * time.Minute

// Plan is all that an execution needs to know, and what people see before it. It travels sealed.
type Plan struct {
	ID     string            `json:"id"`
	Action string            `json:"action"`
	Title  string            `json:"title"`
	ARN    string            `json:"arn"`
	Rule   string            `json:"rule,omitempty"`
	Params map[string]string `json:"params,omitempty"`

	Account string `json:"account"`
	Region  string `json:"region"`
	// Environment is the account's role, which says what the account is for.
	Environment string `json:"environment"`
	Type        string `json:"resource_type"`

	// Live is the resource as AWS described it, without secrets.
	Live json.RawMessage `json:"live"`
	// Facts must still hold at the execution; Precondition is their hash.
	Facts        action.Facts `json:"facts"`
	Precondition string       `json:"precondition"`
	Calls        []Call       `json:"calls"`
	Undo         UndoPlan     `json:"undo"`
	Saving       *Saving      `json:"saving,omitempty"`
	// Cost is what the resource cost in the last 30 days, by currency.
	Cost []Money `json:"cost,omitempty"`

	AskedBy Person    `json:"asked_by"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	// SecondPerson are the reasons why somebody else must approve it; none if nobody need.
	SecondPerson []string `json:"second_person,omitempty"`
}

// Call is one call of the API, as it is made.
type Call struct {
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Input     json.RawMessage `json:"input"`
	// Policy is the whole policy of the session that makes it.
	Policy json.RawMessage `json:"session_policy"`
}

// UndoPlan says how a plan is undone.
type UndoPlan struct {
	Text         string `json:"text"`
	Irreversible string `json:"irreversible,omitempty"`
	// Exposes says what the undo opens again; a second person must approve it then.
	Exposes string `json:"exposes,omitempty"`
	Calls   []Call `json:"calls,omitempty"`
}

// Money is an exact amount.
type Money struct {
	Amount   decimal.Decimal `json:"amount"`
	Currency string          `json:"currency"`
}

// Saving is what a plan saves in 30 days, if the resource would have cost what it did.
type Saving struct {
	Money
	Basis string `json:"basis"`
}

// Target returns the plan's resource.
func (p *Plan) Target() action.Target {
	return action.Target{ARN: p.ARN, Account: p.Account, Region: p.Region, Params: p.Params, Plan: p.ID, Planned: p.Created}
}

// steps returns the plan's calls in a phase.
func (p *Plan) steps(phase Phase) ([]action.Step, error) {
	a, err := action.ByID(p.Action)
	if err != nil {
		return nil, err
	}
	if phase == PhaseUndo {
		return a.Undo(p.Target(), p.Facts), nil
	}
	return a.Steps(p.Target(), p.Facts), nil
}

// callsOf returns steps for people.
func callsOf(steps []action.Step) ([]Call, error) {
	calls := make([]Call, 0, len(steps))
	for _, s := range steps {
		input, err := compact(s.Input)
		if err != nil {
			return nil, fmt.Errorf("describing %s: %w", s.Operation, err)
		}
		calls = append(calls, Call{Service: s.Service, Operation: s.Operation, Input: input, Policy: json.RawMessage(s.SessionPolicy())})
	}
	return calls, nil
}

// factsHash returns the hash of facts: their names in order, as JSON sorts them.
func factsHash(f action.Facts) string {
	text, err := json.Marshal(f)
	if err != nil { // texts alone
		panic(err)
	}
	return hash(text)
}

// compact returns v as JSON, without members that are not set.
func compact(v any) (json.RawMessage, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(prune(tree))
}

// prune removes what the SDK's structs say of members that are not set.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			member = prune(member)
			if member == nil || member == "" || k == "ResultMetadata" {
				delete(v, k)
				continue
			}
			v[k] = member
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	}
	return v
}

// decode reads a sealed payload. Unknown members are refused: another version wrote them.
func decode(payload []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows: %w", errUnseals)
	}
	return nil
}

// sealed is a plan that was opened, and what it was opened from.
type sealed struct {
	Plan
	text, hash string
}

// openPlan opens a sealed plan. Whether it has expired is the caller's to check.
func (e *Engine) openPlan(text string) (sealed, error) {
	payload, err := e.cfg.Keys.open(kindPlan, text)
	if err != nil {
		return sealed{}, refuse(CodeBadPlan, "The plan is not one of this function's, or it was changed.")
	}
	p := sealed{text: text, hash: hash(payload)}
	if err := decode(payload, &p.Plan); err != nil {
		return sealed{}, refuseBy(CodeBadPlan, err, "The plan is of another version of this function: plan again.")
	}
	return p, nil
}
