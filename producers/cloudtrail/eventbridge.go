package cloudtrail

import (
	"strings"
	"time"

	"polo/envelope"
)

// eventBridge makes the activity of an EventBridge event that carries no CloudTrail
// record, and the resource event of an instance's change of state.
func (m *maker) eventBridge(text string) (Outcome, error) {
	r := m.r
	if r.id == "" && r.time == "" {
		return Outcome{}, malformed("time: missing")
	}
	m.source = SourceEventBridge
	m.id = identityOf(r.id, text)
	r.partition = envelope.PartitionOf(r.region)
	service, _ := strings.CutPrefix(r.source, "aws.")
	m.svc = m.n.service(m.s, service)
	m.op = &operation{name: r.detailType}
	m.reads = true
	m.s.walk(r.detail, sideDetails, m.svc)
	if err := m.eventBridgeTime(); err != nil {
		return Outcome{}, err
	}
	r.account = firstAccount(r.account, m.s.anywhere("accountid"))
	m.s.collectResources(r, m.op, m.svc)
	m.s.collect(r, m.op, m.svc)

	e := m.event(envelope.TypeServiceEvent)
	e.Actor = r.source
	e.State = m.eventBridgeState()
	e.Properties = envelope.Pairs{{Key: "detail_type", Value: r.detailType}, {Key: "event_source", Value: r.source}}
	if r.id != "" {
		e.Properties.Set("event_id", r.id)
	}
	if r.detail != "" && r.detail != "null" {
		e.Properties.Set("detail", canonicalText(r.detail, nil))
	}
	out := Outcome{Events: make([]envelope.ResourceEvent, 1, 2)}
	best := m.bestOfEvent()
	out.How = m.key(&e, best)
	e.Properties.Set("arn_resolution", string(out.How))
	out.Events[0] = e
	if best >= 0 && r.detailType == "EC2 Instance State-change Notification" && m.s.found[best].typ == "instance" {
		out.Events = append(out.Events, m.stateChange(&e, &m.s.found[best]))
	}
	m.explain(best, changeNone)
	return out, nil
}

// eventBridgeTime takes the event's own time. Sample findings come with 1970, and
// tell their real time in the detail.
func (m *maker) eventBridgeTime() error {
	ts, err := parseTime("time", m.r.time)
	if err != nil {
		for _, name := range [...]string{"updatedat", "eventlastseen", "createdat", "starttime"} {
			if other, e := parseTime(name, m.s.anywhere(name)); e == nil {
				ts, err = other, nil
				break
			}
		}
	}
	if err != nil {
		return malformed("%w", err)
	}
	m.ts = ts
	return nil
}

func (m *maker) eventBridgeState() string {
	for _, name := range [...]string{"state", "statuscode", "status"} {
		for i := range m.s.leaves {
			if l := &m.s.leaves[i]; l.depth == 1 && l.key.lower == name {
				return l.value
			}
		}
	}
	return ""
}

// bestOfEvent prefers the event's resources, then the event's own ARN, then what
// its detail names first.
func (m *maker) bestOfEvent() int {
	if best := m.s.primary(); best >= 0 {
		return best
	}
	best := -1
	for i := range m.s.found {
		c := &m.s.found[i]
		if c.arn != "" && c.inherited&(keyFilter|keyTags) == 0 && (best < 0 || c.depth < m.s.found[best].depth) {
			best = i
		}
	}
	return best
}

// stateChange is the resource event of an instance that changed its state.
func (m *maker) stateChange(activity *envelope.ResourceEvent, c *candidate) envelope.ResourceEvent {
	typ := envelope.TypeResourceUpdated
	if activity.State == "terminated" {
		typ = envelope.TypeResourceDeleted
	}
	e := *activity
	e.EventType = typ
	e.EventID = envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName, typ, c.arn)
	e.AccountID, e.Region = m.owner(c), firstOf(c.parsed.Region, m.r.region)
	e.Properties = envelope.Pairs{{Key: "detail_type", Value: m.r.detailType}, {Key: "event_source", Value: m.r.source}}
	if m.r.id != "" {
		e.Properties.Set("event_id", m.r.id)
	}
	return e
}

// configChange makes the activity of a configuration change that AWS Config hands
// to a rule's function.
func (m *maker) configChange(text string) (Outcome, error) {
	r := m.r
	m.source = SourceConfig
	m.svc = m.n.service(m.s, "config.amazonaws.com")
	m.op = &operation{name: "InvokeConfigRule"}
	m.reads = true
	r.partition = "aws"
	if strings.HasPrefix(r.invokingEvent, "{") && validJSON(r.invokingEvent) {
		m.s.walk(r.invokingEvent, sideDetails, m.svc)
	}
	var err error
	for _, name := range [...]string{"notificationcreationtime", "configurationitemcapturetime"} {
		var ts time.Time
		if ts, err = parseTime("invokingEvent."+name, m.s.anywhere(name)); err == nil {
			m.ts = ts
			break
		}
	}
	if err != nil {
		return Outcome{}, malformed("%w", err)
	}
	m.id = identityOf("", text)
	r.account = firstAccount(m.s.anywhere("awsaccountid"), r.account)
	r.region = firstOf(r.region, m.s.anywhere("awsregion"))
	r.partition = envelope.PartitionOf(r.region)
	m.s.collect(r, m.op, m.svc)
	e := m.event(envelope.TypeServiceEvent)
	e.Actor = "config.amazonaws.com"
	e.State = m.s.anywhere("configurationitemstatus")
	e.Properties = envelope.Pairs{{Key: "config_rule_arn", Value: r.configRule}, {Key: "message_type", Value: m.s.anywhere("messagetype")}}
	if len(m.s.leaves) > 0 {
		e.Properties.Set("invoking_event", canonicalText(r.invokingEvent, nil))
	}
	out := Outcome{Events: make([]envelope.ResourceEvent, 1)}
	best := m.ownARN()
	out.How = m.key(&e, best)
	e.Properties.Set("arn_resolution", string(out.How))
	out.Events[0] = e
	m.explain(best, changeNone)
	return out, nil
}

// ownARN is the candidate at the shallowest member that is called just "ARN".
func (m *maker) ownARN() int {
	best := -1
	for i := range m.s.found {
		c := &m.s.found[i]
		if c.arn != "" && c.key.lower == "arn" && (best < 0 || c.depth < m.s.found[best].depth) {
			best = i
		}
	}
	return best
}
