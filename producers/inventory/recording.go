package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/inventory/document"
)

// Origin is what a recording does not tell of itself.
type Origin struct {
	// Account and Region are where it is from, as far as the answer does not say so; both
	// may be empty.
	Account, Region string
	// At is the time of the snapshots, ObservedAt when they were seen; the zero value is
	// At.
	At, ObservedAt time.Time
	Identity       producers.Identity
}

// Normaliser makes events of recorded answers. It is safe for concurrent use.
type Normaliser struct {
	services []*service
	covered  map[string]bool
}

// NewNormaliser reads what every collector of this package reads.
func NewNormaliser() (*Normaliser, error) {
	services, covered, err := compileAll()
	if err != nil {
		return nil, err
	}
	return &Normaliser{services: services, covered: covered}, nil
}

// Normalise makes the events of one recorded answer: a file of botocore's recorder
// ({"status_code": ..., "data": ...}), the answer itself, or what the AWS CLI printed.
// Service and call are those of CallOfFile. The outcome names a reason where there is no
// event; err is set only where data is no such text, and wraps document.ErrSyntax.
func (n *Normaliser) Normalise(serviceName, call string, data []byte, from Origin) ([]envelope.ResourceEvent, Outcome, error) {
	v, err := document.FromJSON(data)
	if err != nil {
		return nil, Outcome{Reason: ReasonMalformed}, fmt.Errorf("reading answer of %s.%s: %w", serviceName, call, err)
	}
	answer, outcome := open(v)
	if outcome.Reason != "" {
		return nil, outcome, nil
	}
	var events []envelope.ResourceEvent
	outcome.Reason = ReasonNotCovered
	for _, s := range n.services {
		if !s.answersTo(serviceName) {
			continue
		}
		m := &maker{source: s.source(), at: from.At.UTC().Truncate(time.Millisecond), observedAt: from.ObservedAt, identity: from.Identity, kin: kin{}}
		if m.observedAt.IsZero() {
			m.observedAt = m.at
		}
		m.observedAt = m.observedAt.UTC().Truncate(time.Millisecond)
		m.place = placeOf(from.Region, from.Account).within(answer)
		if s.Global {
			m.place.region = ""
		}
		for _, e := range s.entries {
			events = m.recorded(e, call, answer, n.covered, events, &outcome)
		}
	}
	if len(events) > 0 {
		outcome.Reason = ""
	}
	return events, outcome, nil
}

// NormaliseRecording is Normalise by a Normaliser of its own, for one answer.
func NormaliseRecording(serviceName, call string, data []byte, from Origin) ([]envelope.ResourceEvent, Outcome, error) {
	n, err := NewNormaliser()
	if err != nil {
		return nil, Outcome{}, err
	}
	return n.Normalise(serviceName, call, data, from)
}

// recorded adds what one entry makes of an answer.
func (m *maker) recorded(e *entry, call string, answer document.Value, covered map[string]bool, events []envelope.ResourceEvent, o *Outcome) []envelope.ResourceEvent {
	if e.Hidden {
		return events
	}
	for _, r := range e.readings {
		if !sameCall(r.call, call) {
			continue
		}
		items, found := r.items(answer)
		switch {
		case !found && o.Reason != ReasonEmpty:
			o.Reason = ReasonNoList
		case found && o.Reason != "":
			o.Reason = ReasonEmpty
		}
		o.Items += len(items)
		for _, it := range items {
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
			events = append(events, ev)
		}
		return events
	}
	for _, d := range e.details {
		if sameCall(d.Call.Name, call) && o.Reason == ReasonNotCovered {
			o.Reason = ReasonDetail
		}
	}
	return events
}

// open takes an answer out of what a recorder put around it.
func open(v document.Value) (document.Object, Outcome) {
	answer, ok := v.(document.Object)
	if !ok {
		return nil, Outcome{Reason: ReasonMalformed}
	}
	status := 200
	if data, ok := answer.Get("data").(document.Object); ok && answer.Has("status_code") {
		n, _ := answer.Get("status_code").(document.Number)
		if code, err := strconv.Atoi(string(n)); err == nil {
			status = code
		}
		answer = data
	}
	failure, failed := answer.Get("Error").(document.Object)
	if status < 400 && !failed {
		return answer, Outcome{}
	}
	code := document.Text(failure.Get("Code"))
	if code == "" {
		code = document.Text(answer.Get("__type"))
	}
	return nil, Outcome{Reason: ReasonErrorAnswer, Status: status, Code: code[strings.LastIndexByte(code, '#')+1:]}
}
