package inventory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/inventory/document"
)

// Origin holds what a recording does not state itself.
type Origin struct {
	// Account and Region are defaults for what the answer does not state; both may be empty.
	Account, Region string
	// At is the time of the snapshots, ObservedAt the time they were seen; zero means At.
	At, ObservedAt time.Time
	Identity       producers.Identity
}

// Normaliser turns recorded answers into events. It is safe for concurrent use.
type Normaliser struct {
	services []*service
	covered  map[string]bool
}

// NewNormaliser returns a Normaliser for every collector of this package.
func NewNormaliser() (*Normaliser, error) {
	services, covered, err := compileAll()
	if err != nil {
		return nil, err
	}
	return &Normaliser{services: services, covered: covered}, nil
}

// Normalise passes the events of one recorded answer to take. data is a file of botocore's
// recorder ({"status_code": ..., "data": ...}), the answer itself, or the AWS CLI's output;
// service and call are from CallOfFile. If there is no event, the outcome says why. The error is
// take's; or it wraps document.ErrSyntax if data is not JSON, and then take was not called.
func (n *Normaliser) Normalise(serviceName, call string, data []byte, from Origin, take func(envelope.ResourceEvent) error) (Outcome, error) {
	v, err := document.FromJSON(data)
	if err != nil {
		return Outcome{Reason: ReasonMalformed}, fmt.Errorf("reading answer of %s.%s: %w", serviceName, call, err)
	}
	answer, wrapped, outcome := open(v)
	if outcome.Reason != "" {
		outcome.Lists = n.lists(serviceName, call, nil)
		return outcome, nil
	}
	outcome.Lists = n.lists(serviceName, call, answer)
	some := false
	each := func(ev envelope.ResourceEvent) error {
		some = true
		return take(ev)
	}
	outcome.Reason = ReasonNotCovered
	for _, s := range n.services {
		if !s.answersTo(serviceName) {
			continue
		}
		m := &maker{source: s.source(), at: from.At.UTC().Truncate(time.Millisecond), observedAt: from.ObservedAt, identity: from.Identity, owners: owners{}}
		if m.observedAt.IsZero() {
			m.observedAt = m.at
		}
		m.observedAt = m.observedAt.UTC().Truncate(time.Millisecond)
		m.place = placeOf(from.Region, from.Account).within(answer)
		if s.Global {
			m.place.region = ""
		}
		for _, e := range s.entries {
			before := len(outcome.Damaged)
			if err := m.recorded(e, call, answer, n.covered, each, &outcome); err != nil {
				return outcome, err
			}
			if found := outcome.Damaged[before:]; len(found) > 0 {
				if err := cutOut(found, data, wrapped); err != nil {
					return Outcome{Reason: ReasonMalformed}, fmt.Errorf("reading answer of %s.%s: %w: %w", serviceName, call, document.ErrSyntax, err)
				}
			}
		}
	}
	switch {
	case some:
		outcome.Reason = ""
	case len(outcome.Damaged) > 0:
		outcome.Reason = ReasonMalformed
	}
	return outcome, nil
}

// NormaliseRecording is Normalise for a single answer.
func NormaliseRecording(serviceName, call string, data []byte, from Origin) ([]envelope.ResourceEvent, Outcome, error) {
	n, err := NewNormaliser()
	if err != nil {
		return nil, Outcome{}, err
	}
	var events []envelope.ResourceEvent
	outcome, err := n.Normalise(serviceName, call, data, from, func(ev envelope.ResourceEvent) error {
		events = append(events, ev)
		return nil
	})
	return events, outcome, err
}

// lists returns the lists of resources that an answer of the call has, empty ones included; those
// that it should have, if the answer is nil.
func (n *Normaliser) lists(serviceName, call string, answer document.Object) (out []Listed) {
	for _, s := range n.services {
		if !s.answersTo(serviceName) {
			continue
		}
		for _, e := range s.entries {
			if list := e.readings[0]; !e.Hidden && sameCall(list.call, call) && (answer == nil || list.has(answer)) {
				out = append(out, Listed{Source: s.source(), Type: e.Type, Global: s.Global, Anywhere: slices.Contains(s.Anywhere, e.Type)})
			}
		}
	}
	return out
}

// recorded passes one entry's events of an answer to take.
func (m *maker) recorded(e *entry, call string, answer document.Object, covered map[string]bool, take func(envelope.ResourceEvent) error, o *Outcome) error {
	if e.Hidden {
		return nil
	}
	for _, r := range e.readings {
		if !sameCall(r.call, call) {
			continue
		}
		found, l := r.has(answer), r.in(answer)
		switch {
		case !found && o.Reason != ReasonEmpty:
			o.Reason = ReasonNoList
		case found && o.Reason != "":
			o.Reason = ReasonEmpty
		}
		o.Items += len(l.items)
		o.Damaged, o.MoreDamaged = append(o.Damaged, l.damaged...), o.MoreDamaged+l.more
		for _, it := range l.items {
			ev, why := m.make(e, it, nil, false)
			switch {
			case why != "":
			case e.Type == sweepType && covered[ev.ResourceType]:
				why = ReasonCovered
			case ev.Validate() != nil:
				why = ReasonInvalid
			}
			if why != "" {
				o.leave(why)
				o.Reason = why
				continue
			}
			if err := take(ev); err != nil {
				return err
			}
		}
		return nil
	}
	for _, d := range e.details {
		if sameCall(d.Call.Name, call) && o.Reason == ReasonNotCovered {
			o.Reason = ReasonDetail
		}
	}
	return nil
}

// open unwraps an answer from what a recorder put around it.
func open(v document.Value) (answer document.Object, wrapped bool, o Outcome) {
	answer, ok := v.(document.Object)
	if !ok {
		return nil, false, Outcome{Reason: ReasonMalformed}
	}
	status := 200
	if data, ok := answer.Get("data").(document.Object); ok && answer.Has("status_code") {
		n, _ := answer.Get("status_code").(document.Number)
		if code, err := strconv.Atoi(string(n)); err == nil {
			status = code
		}
		answer, wrapped = data, true
	}
	failure, failed := answer.Get("Error").(document.Object)
	if status < 400 && !failed {
		return answer, wrapped, Outcome{}
	}
	code := document.Text(failure.Get("Code"))
	if code == "" {
		code = document.Text(answer.Get("__type"))
	}
	return nil, false, Outcome{Reason: ReasonErrorAnswer, Status: status, Code: code[strings.LastIndexByte(code, '#')+1:]}
}
