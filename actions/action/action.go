// Package action has the changes that Polo can make to a resource of AWS. One file is one
// action: what it looks at, what must hold, the calls it makes, and how they are undone. It
// decides nothing: whether an action may be done is the business of package actions.
package action

import (
	"context"
	"errors"
	"time"

	"polo/envelope"
)

// An Action changes one resource by a fixed list of calls. Its methods are safe for
// concurrent use and have no state.
type Action interface {
	Info() Info
	// Check reports what is wrong with the target's ARN or parameters.
	Check(t Target) error
	// Inspect looks at the resource. It writes nothing.
	Inspect(ctx context.Context, r Reader, t Target) (State, error)
	// Precondition reports why the action does not apply to the resource in this state.
	Precondition(t Target, s State) error
	// Steps returns the calls that do it, given the facts that the plan was made of. At least one.
	Steps(t Target, before Facts) []Step
	// Undo returns the calls that restore the facts; nil if there are none.
	Undo(t Target, before Facts) []Step
}

// Info describes an action.
type Info struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Service is AWS's, as in an ARN.
	Service string `json:"service"`
	// Type is the type of its resources, as envelope.ARN.ResourceType has it; empty for any.
	Type string `json:"type,omitempty"`
	// Rules are the rules whose violation it ends; empty for any rule.
	Rules []string `json:"rules,omitempty"`
	// Params are what a plan of it takes.
	Params []Param `json:"params,omitempty"`
	// Undo says how it is undone, or that it is not.
	Undo string `json:"undo"`
	// Irreversible says what is lost for good; empty if nothing is.
	Irreversible string `json:"irreversible,omitempty"`
	// UndoExposes says what the undo opens to others again; empty if nothing.
	UndoExposes string `json:"undo_exposes,omitempty"`
	// SavingPercent is the part of the resource's cost that it saves, in hundredths.
	SavingPercent int64 `json:"saving_percent,omitempty"`
	// Unprompted reports whether it may be allowed without a violation.
	Unprompted bool `json:"-"`
}

// Param is a parameter of an action.
type Param struct {
	Name     string `json:"name"`
	Text     string `json:"text"`
	Required bool   `json:"required,omitempty"`
}

// Target is the one resource that an action is for.
type Target struct {
	ARN, Account, Region string
	Params               map[string]string
	// Plan is the id of the plan: what the action creates is tagged with it, and found by it.
	Plan string
	// Planned is when the plan was made.
	Planned time.Time
}

// ID returns the resource's id within its type: i-0abc.
func (t Target) ID() string {
	a, err := envelope.ParseARN(t.ARN)
	if err != nil {
		return ""
	}
	_, id := a.SplitResource()
	return id
}

// Facts are what must still hold when a plan is executed, and what its undo restores.
type Facts map[string]string

// Identity is the name of the fact that tells a resource from another that has its name later. It is left out
// where the ARN is never used again.
const Identity = "identity"

// State is what a look at a resource found.
type State struct {
	Exists bool
	Facts  Facts
	// Progress is what the action's own calls have made so far; it is no precondition.
	Progress map[string]string
	Tags     map[string]string
	// NoSaving means that the action's SavingPercent is not true of this resource.
	NoSaving bool
	// Live is the resource as AWS describes it, for people.
	Live any
}

// An Effect is what a look shows of a call.
type Effect int

// Effects. A call that is underway was accepted, and has not ended.
const (
	Absent Effect = iota
	Underway
	Taken
)

// Step is one call that changes a resource.
type Step struct {
	// Service and Operation name the call; Input is what it is called with.
	Service, Operation string
	Input              any
	// Grants are all that the session of the call may do.
	Grants []Grant
	// Ready reports why the call must wait, given the resource's state; nil means it need not.
	Ready func(State) error
	// Until returns when the call may no longer begin, given a state for which it is ready; nil means that it does not end.
	Until func(State) time.Time
	// Unless are calls after which the step is not made, if anybody made one on the resource since the plan.
	Unless []string
	// Do makes the call, once.
	Do func(ctx context.Context, w Writer) error
	// Effect looks whether the call took effect, whoever made it.
	Effect func(State) Effect
}

// Errors of Precondition, Ready and Check; the text says what is wrong.
var (
	// ErrNotApplicable is wrapped by the errors of Precondition.
	ErrNotApplicable = errors.New("the action does not apply")
	// ErrNotReady is wrapped by the errors of Ready.
	ErrNotReady = errors.New("not ready")
)

// taken returns Taken if done, else Absent.
func taken(done bool) Effect {
	if done {
		return Taken
	}
	return Absent
}
