package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"polo/internal/plain"
)

// actionAnswer is an answer of the function of actions, as far as it is printed. docs/ACTIONS.md has all of it.
type actionAnswer struct {
	raw json.RawMessage

	RequestID string `json:"request_id"`
	Error     *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Planned   *actionPlanned `json:"planned"`
	Approval  string         `json:"approval"`
	Outcome   *actionOutcome `json:"outcome"`
	Catalogue *struct {
		Enabled bool `json:"enabled"`
		Alive   bool `json:"alive"`
		Actions []struct {
			ID      string `json:"id"`
			Title   string `json:"title"`
			Undo    string `json:"undo"`
			Allowed []struct {
				Accounts     []string `json:"accounts"`
				Environments []string `json:"environments"`
			} `json:"allowed"`
		} `json:"actions"`
	} `json:"catalogue"`
}

type actionOutcome struct {
	Status   string `json:"status"`
	Step     int    `json:"step"`
	Steps    int    `json:"steps"`
	Attempt  string `json:"attempt"`
	Repeated bool   `json:"repeated"`
	Text     string `json:"text"`
}

// said is the outcome in a line.
func (o *actionOutcome) said() string {
	s := o.Status
	if o.Repeated {
		s += " before"
	}
	if o.Text != "" {
		s += ": " + o.Text
	}
	return s
}

// actionPlanned is a plan as it travels. What else the answer says of it is not read: only the seal is proof of what is done.
type actionPlanned struct {
	Sealed string `json:"sealed"`
}

// actionPlan is the content of a sealed plan, as far as it is printed.
type actionPlan struct {
	ID          string            `json:"id"`
	Action      string            `json:"action"`
	Title       string            `json:"title"`
	ARN         string            `json:"arn"`
	Params      map[string]string `json:"params"`
	Account     string            `json:"account"`
	Region      string            `json:"region"`
	Environment string            `json:"environment"`
	Rule        string            `json:"rule"`
	Live        json.RawMessage   `json:"live"`
	Calls       []actionCall      `json:"calls"`
	Undo        struct {
		Text         string       `json:"text"`
		Irreversible string       `json:"irreversible"`
		Exposes      string       `json:"exposes"`
		Calls        []actionCall `json:"calls"`
	} `json:"undo"`
	Saving *struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
		Basis    string `json:"basis"`
	} `json:"saving"`
	AskedBy struct {
		Email string `json:"email"`
	} `json:"asked_by"`
	Expires      time.Time `json:"expires"`
	SecondPerson []string  `json:"second_person"`
}

// errNotSealed means that a text is no sealed plan. Whether the seal is right, only the function can tell.
var errNotSealed = errors.New("it has no sealed plan")

// open returns what is sealed: the second last part of KIND.KEY.PAYLOAD.MAC.
func (p *actionPlanned) open() (actionPlan, error) {
	var plan actionPlan
	parts := strings.Split(p.Sealed, ".")
	if len(parts) != 4 || parts[0] != "plan1" {
		return plan, errNotSealed
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || json.Unmarshal(payload, &plan) != nil || plan.ARN == "" || len(plan.Calls) == 0 {
		return plan, errNotSealed
	}
	return plan, nil
}

type actionCall struct {
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Input     json.RawMessage `json:"input"`
}

// text is the plan for people.
func (v actionPlan) text() string {
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%-14s %s\n", name, plain.Text(value)) }
	line("plan", v.ID)
	line("what", v.Title+" ("+v.Action+")")
	line("resource", v.ARN)
	for _, name := range slices.Sorted(maps.Keys(v.Params)) {
		line("with", name+" = "+v.Params[name])
	}
	line("where", fmt.Sprintf("account %s (%s), %s", v.Account, v.Environment, v.Region))
	line("violates", v.Rule)
	line("as it is", string(v.Live))
	for _, c := range v.Calls {
		line("calls", c.Service+" "+c.Operation+" "+string(c.Input))
	}
	if v.Saving != nil {
		line("saves", fmt.Sprintf("%s %s a month: %s", v.Saving.Amount, v.Saving.Currency, v.Saving.Basis))
	}
	line("undo", v.Undo.Text)
	if v.Undo.Irreversible != "" {
		line("LOST FOR GOOD", v.Undo.Irreversible)
	}
	if v.Undo.Exposes != "" {
		line("undo exposes", v.Undo.Exposes)
	}
	for _, c := range v.Undo.Calls {
		line("undo calls", c.Service+" "+c.Operation+" "+string(c.Input))
	}
	for _, why := range v.SecondPerson {
		line("second person", why)
	}
	line("asked by", v.AskedBy.Email)
	line("expires", v.Expires.UTC().Format(time.RFC3339))
	return b.String()
}
