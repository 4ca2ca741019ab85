package actions

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"polo/envelope"
	"polo/internal/redact"
)

// Source is the source of the journal's events.
const Source = "polo.actions"

// family is the family of their types.
const family = "action."

// ID returns the id of an entry's event. The ends of an attempt have its beginning as their time, so that
// two that say the same are one.
func (e Entry) ID() uuid.UUID {
	return envelope.NewEventID(Source, e.At, e.Plan, string(e.Kind), string(e.Phase), e.Attempt, e.approver())
}

func (e Entry) approver() string {
	if e.Kind == KindApproved {
		return strings.ToLower(e.Person.Email)
	}
	return ""
}

// Event returns the entry as an event.
func (e Entry) Event() envelope.ResourceEvent {
	out := envelope.ResourceEvent{
		EventID: e.ID(), EventType: family + string(e.Kind), Source: Source, TS: e.At, ObservedAt: e.Observed, ARN: e.ARN,
		Platform: envelope.PlatformAWS, AccountID: e.Account, AccountRole: e.Environment, Region: e.Region, ResourceType: e.Type, Actor: e.Person.Email,
	}
	if a, err := envelope.ParseARN(e.ARN); err == nil {
		out.Service = a.Service
		_, out.ResourceID = a.SplitResource()
	}
	if e.Kind == KindRefused || e.Kind == KindFailed {
		out.ErrorCode = e.Reason
	}
	for _, p := range []struct{ name, value string }{
		{"action", e.Action},
		{"attempt", e.Attempt},
		{"call", e.Call},
		{"nonce", e.Nonce},
		{"phase", string(e.Phase)},
		{"plan", e.Plan},
		{"reason", e.Reason},
		{"rule", e.Rule},
		{"sealed", e.Sealed},
		{"subject", e.Person.Subject},
		{"text", redact.Text(e.Text)}, // AWS's words may be in it
	} {
		out.Properties.SetSome(p.name, p.value)
	}
	out.Properties.Set("step", strconv.Itoa(e.Step))
	return out
}

// EntryOf returns the entry that an event was made of.
func EntryOf(e envelope.ResourceEvent) (Entry, error) {
	kind, ours := strings.CutPrefix(e.EventType, family)
	step, err := strconv.Atoi(e.Properties.Get("step"))
	if !ours || err != nil || step < 0 {
		return Entry{}, fmt.Errorf("event %s is none of the journal's", e.EventID)
	}
	p := e.Properties
	return Entry{
		Kind: Kind(kind), Plan: p.Get("plan"), Phase: Phase(p.Get("phase")), Step: step, Attempt: p.Get("attempt"), At: e.TS.UTC(), Observed: e.ObservedAt.UTC(),
		Action: p.Get("action"), ARN: e.ARN, Account: e.AccountID, Region: e.Region, Environment: e.AccountRole, Type: e.ResourceType, Rule: p.Get("rule"),
		Person: Person{Email: e.Actor, Subject: p.Get("subject")}, Reason: p.Get("reason"), Text: p.Get("text"), Nonce: p.Get("nonce"), Call: p.Get("call"),
		Sealed: p.Get("sealed"),
	}, nil
}
