package cloudtrail

import (
	"strings"
	"time"

	"polo/envelope"
	"polo/producers/cloudtrail/jsontext"
	"polo/producers/cloudtrail/resolve"
)

// eventBridge returns the activity of an EventBridge event without a CloudTrail record, and the
// resource event of an instance's state change.
func (m *maker) eventBridge(text string) (Outcome, error) {
	r := m.r
	if r.id == "" && r.time == "" {
		return Outcome{}, malformed("time: missing")
	}
	m.source = SourceEventBridge
	m.id = identityOf(r.id, text)
	r.partition = envelope.PartitionOf(r.region)
	service, _ := strings.CutPrefix(r.source, "aws.")
	m.call.Service = m.call.Resolver.Service(service)
	m.call.Operation = &resolve.Operation{Name: r.detailType}
	m.reads = true
	m.call.Walk(r.detail, resolve.Details, m.call.Service)
	if err := m.eventBridgeTime(); err != nil {
		return Outcome{}, err
	}
	r.account = firstAccount(r.account, m.call.Anywhere("accountid"))
	m.collect()

	e := m.event(envelope.TypeServiceEvent)
	e.Actor = r.source
	e.State = m.eventBridgeState()
	e.Properties = envelope.Pairs{{Key: "detail_type", Value: r.detailType}, {Key: "event_source", Value: r.source}}
	if r.id != "" {
		e.Properties.Set("event_id", r.id)
	}
	if r.detail != "" && r.detail != "null" {
		e.Properties.Set("detail", jsontext.Canonical(r.detail, nil))
	}
	out := Outcome{Events: make([]envelope.ResourceEvent, 1, 2)}
	best := m.bestOfEvent()
	out.How = m.key(&e, best)
	e.Properties.Set("arn_resolution", string(out.How))
	out.Events[0] = e
	if best != nil && r.detailType == "EC2 Instance State-change Notification" && best.Type() == "instance" {
		out.Events = append(out.Events, m.stateChange(&e, best))
	}
	m.explain(best, resolve.None)
	return out, nil
}

// eventBridgeTime sets the event's own time. Sample findings have the year 1970, and their real
// time in the detail.
func (m *maker) eventBridgeTime() error {
	ts, err := parseTime("time", m.r.time)
	if err != nil {
		for _, name := range [...]string{"updatedat", "eventlastseen", "createdat", "starttime"} {
			if other, e := parseTime(name, m.call.Anywhere(name)); e == nil {
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
	return m.call.Outermost("state", "statuscode", "status")
}

// bestOfEvent prefers the event's resources, then the event's own ARN, then the first resource of
// its detail.
func (m *maker) bestOfEvent() *resolve.Candidate {
	if best := m.call.Primary(); best != nil {
		return best
	}
	return m.call.Shallowest("")
}

// stateChange returns the resource event of an instance that changed its state.
func (m *maker) stateChange(activity *envelope.ResourceEvent, c *resolve.Candidate) envelope.ResourceEvent {
	typ := envelope.TypeResourceUpdated
	if activity.State == "terminated" {
		typ = envelope.TypeResourceDeleted
	}
	e := *activity
	e.EventType = typ
	e.EventID = envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName, typ, activity.ARN)
	e.AccountID, e.Region = m.call.Owner(c), firstOf(c.Key().Parsed.Region, m.r.region)
	e.Properties = envelope.Pairs{{Key: "detail_type", Value: m.r.detailType}, {Key: "event_source", Value: m.r.source}}
	if m.r.id != "" {
		e.Properties.Set("event_id", m.r.id)
	}
	return e
}

// configChange returns the activity of a configuration change that AWS Config passes to a rule's
// function.
func (m *maker) configChange(text string) (Outcome, error) {
	r := m.r
	m.source = SourceConfig
	m.call.Service = m.call.Resolver.Service("config.amazonaws.com")
	m.call.Operation = &resolve.Operation{Name: "InvokeConfigRule"}
	m.reads = true
	r.partition = "aws"
	if strings.HasPrefix(r.invokingEvent, "{") && validJSON(r.invokingEvent) {
		m.call.Walk(r.invokingEvent, resolve.Details, m.call.Service)
	}
	var err error
	for _, name := range [...]string{"notificationcreationtime", "configurationitemcapturetime"} {
		var ts time.Time
		if ts, err = parseTime("invokingEvent."+name, m.call.Anywhere(name)); err == nil {
			m.ts = ts
			break
		}
	}
	if err != nil {
		return Outcome{}, malformed("%w", err)
	}
	m.id = identityOf("", text)
	r.account = firstAccount(m.call.Anywhere("awsaccountid"), r.account)
	r.region = firstOf(r.region, m.call.Anywhere("awsregion"))
	r.partition = envelope.PartitionOf(r.region)
	m.collect()
	e := m.event(envelope.TypeServiceEvent)
	e.Actor = "config.amazonaws.com"
	e.State = m.call.Anywhere("configurationitemstatus")
	e.Properties = envelope.Pairs{{Key: "config_rule_arn", Value: r.configRule}, {Key: "message_type", Value: m.call.Anywhere("messagetype")}}
	if !m.call.IsEmpty() {
		e.Properties.Set("invoking_event", jsontext.Canonical(r.invokingEvent, nil))
	}
	out := Outcome{Events: make([]envelope.ResourceEvent, 1)}
	best := m.call.Shallowest("arn") // the change's own
	out.How = m.key(&e, best)
	e.Properties.Set("arn_resolution", string(out.How))
	out.Events[0] = e
	m.explain(best, resolve.None)
	return out, nil
}
