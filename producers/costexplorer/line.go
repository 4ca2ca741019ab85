package costexplorer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/queue"
)

// maker turns the pages of one answer into events.
type maker struct {
	source, eventType, payer string
	granularity              types.Granularity
	groups                   []Group
	observed                 time.Time
	origin                   string
	// amounts holds the amount of each line of the answer so far.
	amounts map[uuid.UUID]decimal.Decimal
}

func newMaker(source, eventType, payer string, granularity types.Granularity, groups []Group) *maker {
	return &maker{
		source: source, eventType: eventType, payer: payer, granularity: granularity, groups: groups,
		origin: "ce.GetCostAndUsage", amounts: map[uuid.UUID]decimal.Decimal{},
	}
}

var errTwice = errors.New("the same group twice in a period, with different amounts")

// lines returns the events of one period, and failures for the groups that cannot become one.
func (m *maker) lines(r result, span period, currency string) ([]envelope.ResourceEvent, []queue.Failure) {
	groups := r.Groups
	if len(groups) == 0 && m.isTotal(r) {
		groups = []group{{Metrics: r.Total}}
	}
	lines := make([]envelope.ResourceEvent, 0, len(groups))
	var failures []queue.Failure
	for _, g := range groups {
		e, err := m.line(g, span, currency)
		if err == nil {
			m.finish(&e, r)
			err = e.Validate()
		}
		if err == nil {
			var again bool
			if again, err = m.repeated(&e); again {
				continue
			}
		}
		if err != nil {
			failures = append(failures, m.failure(r, g, err))
			continue
		}
		lines = append(lines, e)
	}
	return lines, failures
}

// isTotal reports whether a period without groups has a line. A grouped answer has a total of
// zero for a period without costs; that is not a line.
func (m *maker) isTotal(r result) bool {
	if len(r.Total) == 0 {
		return false
	}
	if len(m.groups) == 0 {
		return true
	}
	for _, a := range r.Total {
		if v, err := envelope.ParseAmount(string(a.Amount)); err != nil || !v.IsZero() {
			return true
		}
	}
	return false
}

func (m *maker) line(g group, span period, currency string) (envelope.ResourceEvent, error) {
	e := envelope.ResourceEvent{
		EventType: m.eventType, Source: m.source, TS: span.from, PeriodEnd: span.to, ObservedAt: m.observed, Platform: envelope.PlatformAWS,
	}
	identity := make([]string, 0, 2+2*len(g.Keys))
	identity = append(identity, string(m.granularity), m.payer)
	for i, key := range g.Keys {
		by := m.group(i)
		identity = append(identity, by.String(), key)
		describe(&e, by, key)
	}
	resource(&e)
	e.EventID = envelope.NewEventID(e.Source, e.TS, identity...)
	if e.AccountID == "" {
		e.AccountID = m.payer
	}
	return e, amounts(&e, g.Metrics, currency)
}

// group returns the group of a line's i-th key. A recording may have more keys than known groups.
func (m *maker) group(i int) Group {
	if i < len(m.groups) {
		return m.groups[i]
	}
	return Group{}
}

func (m *maker) finish(e *envelope.ResourceEvent, r result) {
	e.Properties.Set("estimated", strconv.FormatBool(bool(r.Estimated)))
	e.Properties.Set("granularity", string(m.granularity))
	if m.payer != e.AccountID {
		e.Properties.SetSome(envelope.PropPayerAccount, m.payer)
	}
}

// repeated records a line, and reports whether it was recorded before with the same amount.
// Another amount is an error.
func (m *maker) repeated(e *envelope.ResourceEvent) (again bool, err error) {
	before, ok := m.amounts[e.EventID]
	switch {
	case !ok:
		m.amounts[e.EventID] = e.CostAmount.Decimal
		return false, nil
	case before.Equal(e.CostAmount.Decimal):
		return true, nil
	}
	return false, errTwice
}

func (m *maker) failure(r result, g group, err error) queue.Failure {
	r.Groups, r.Total = []group{g}, nil
	body, marshalErr := json.Marshal(r)
	if marshalErr != nil {
		body = []byte(fmt.Sprintf("%q", g.Keys)) // for text that is not a JSON number
	}
	return queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: err.Error(), Unit: queue.UnitPart, Body: body, Origin: m.origin,
		FirstSeen: m.observed, LastSeen: m.observed,
	}
}
