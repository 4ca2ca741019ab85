package cloudtrail

import (
	"strings"
	"time"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// maker makes the events of one record.
type maker struct {
	n          *Normaliser
	s          *scratch
	r          *record
	svc        *service
	op         *operation
	observedAt time.Time
	ts, end    time.Time
	id         string // the record's own identity
	source     string
	actor      string
	failed     bool
	reads      bool
	tags       []tagPair
	// explanation, where it is set, is told why the ARN is what it is.
	explanation *Explanation
}

// cloudTrail makes the events of a CloudTrail record. text is the whole record,
// wrapping included.
func (m *maker) cloudTrail(text string) (Outcome, error) {
	r := m.r
	ts, err := parseTime(firstOf(r.timeName, "eventTime"), r.eventTime)
	if err != nil {
		return Outcome{}, malformed("%w", err)
	}
	m.ts, m.source = ts, SourceCloudTrail
	if a := r.aggregate; a != nil && a.windowEnd != "" {
		if m.end, err = parseTime("timeWindow.windowEnd", a.windowEnd); err != nil {
			return Outcome{}, malformed("%w", err)
		}
	}
	m.id = r.eventID
	if m.id == "" {
		m.id = identityOf("", innermost(text))
	}
	r.principal = parsePrincipal(r.identity)
	m.settleAccount()
	m.svc = m.n.service(m.s, r.eventSource)
	m.op = m.svc.operation(r.eventName)
	m.actor = r.principal.actor(r.partition)
	m.failed = r.errorCode != "" || r.errorMessage != ""
	m.reads = r.readOnly == "true" || r.readOnly == "" && !m.op.changing

	activity := m.event(activityType(r))
	activity.PeriodEnd, activity.State = m.end, r.insightState
	if r.insightState != "" {
		activity.EventID = envelope.NewEventID(m.source, m.ts, m.id, r.eventName, r.insightState)
	}
	activity.Properties = m.properties()
	m.s.collectResources(r, m.op, m.svc)
	m.s.collect(r, m.op, m.svc)
	changes := m.changes()
	if changes != changeNone {
		m.tags = m.s.tags()
	}
	out := Outcome{Events: make([]envelope.ResourceEvent, 1, 2)}
	best := m.s.primary()
	out.How = m.key(&activity, best)
	activity.Properties.Set("arn_resolution", string(out.How))
	if best >= 0 && activity.Service == "" {
		activity.Service = m.s.found[best].parsed.Service // an aggregated event may name none
	}
	if best >= 0 && changes != changeNone {
		out.Events = m.resourceEvents(out.Events, &activity, best, changes)
	}
	out.Events[0] = activity
	m.explain(best, changes)
	return out, nil
}

// innermost is the record's own text without what it came wrapped in, so that
// its content identifies it whichever way it came.
func innermost(text string) string {
	for range 4 {
		var r record
		if r.parse(text) != nil || r.eventTime != "" || r.stamp != "" && r.eventName != "" {
			return text
		}
		switch {
		case strings.HasPrefix(r.wrapped, "{"):
			text = r.wrapped
		case r.detail != "":
			text = r.detail
		default:
			return text
		}
	}
	return text
}

// settleAccount decides whose record it is: the account it was delivered to, else
// the caller's, else the one an EventBridge event names.
func (m *maker) settleAccount() {
	r, p := m.r, &m.r.principal
	r.account = firstAccount(r.recipient, p.account, r.account, p.issuerAccount)
	r.partition = "aws"
	for _, arn := range [...]string{p.arn, p.issuerARN} {
		if arn == "" {
			continue
		}
		if a, err := envelope.ParseARN(arn); err == nil && a.Platform == envelope.PlatformAWS {
			r.partition = a.Partition
			return
		}
	}
	r.partition = envelope.PartitionOf(r.region)
}

// firstAccount picks the first value that can be an account's id.
func firstAccount(values ...string) string {
	for _, v := range values {
		if len(v) <= 32 && isDigits(v) {
			return v
		}
	}
	return ""
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func activityType(r *record) string {
	switch {
	case r.isInsight():
		return envelope.TypeInsight
	case r.isAggregated():
		return envelope.TypeAggregated
	}
	switch r.eventType {
	case "AwsApiCall", "AwsVpceEvent":
		return envelope.TypeAPICall
	case "AwsConsoleSignIn":
		return envelope.TypeConsoleSignIn
	case "":
		switch {
		case strings.HasPrefix(r.eventSource, "signin."):
			return envelope.TypeConsoleSignIn
		case r.namesNoCall():
			return envelope.TypeServiceEvent
		}
		return envelope.TypeAPICall
	}
	return envelope.TypeServiceEvent
}

// event is an activity with the columns that every event of the record shares.
func (m *maker) event(typ string) envelope.ResourceEvent {
	return envelope.ResourceEvent{
		EventID:    envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName),
		EventType:  typ,
		Source:     m.source,
		TS:         m.ts,
		ObservedAt: m.observedAt,
		Platform:   envelope.PlatformAWS,
		AccountID:  m.r.account,
		Region:     m.r.region,
		Service:    m.svc.name,
		Actor:      m.actor,
		ErrorCode:  m.errorCode(),
	}
}

// errorCode is never empty on a failed call.
func (m *maker) errorCode() string {
	if m.r.errorCode == "" && m.failed {
		return "Failure"
	}
	return m.r.errorCode
}

// changes is what the call did, before asking to what.
func (m *maker) changes() change {
	switch {
	case m.failed, m.reads, m.r.readOnly == "true":
		return changeNone
	case m.r.isInsight(), m.r.isAggregated(), m.r.namesNoCall():
		return changeNone
	case m.r.eventType != "" && m.r.eventType != "AwsApiCall" && m.r.eventType != "AwsConsoleAction":
		return changeNone
	case m.s.anywhere("dryrun") == "true":
		return changeNone
	}
	return m.op.change
}

// key gives the activity its resource's columns and says how they were found.
func (m *maker) key(e *envelope.ResourceEvent, best int) Resolution {
	if best >= 0 {
		c := &m.s.found[best]
		e.Ancestors = m.ancestors(c)
		e.Relations = m.relations(c, e.Ancestors, nil)
		e.Tags = tagsFor(m.tags, c.typ)
		m.describe(e, c.arn, c.parsed)
		if m.changes() != changeNone {
			e.State = m.s.stateOf(c)
		}
		return m.s.surest(c)
	}
	e.Relations = m.relations(nil, nil, nil)
	if arn, ok := deniedResource(m.r.errorMessage); ok {
		m.describe(e, arn.String(), arn)
		e.Ancestors = m.ancestors(&candidate{arn: e.ARN, parsed: arn, object: -1})
		return ResolvedErrorMessage
	}
	if !m.reads && e.EventType == envelope.TypeAPICall {
		return m.unresolved(e)
	}
	principal := m.r.principal.key(m.r.partition)
	if a, err := envelope.ParseARN(principal); err == nil {
		m.describe(e, principal, a)
		return ResolvedPrincipal
	}
	if m.r.account == "" {
		return UnresolvedNoAccount
	}
	root := awscatalog.AccountARN(m.r.partition, m.r.account)
	a, err := envelope.ParseARN(root)
	if err != nil {
		return UnresolvedNoAccount
	}
	m.describe(e, root, a)
	return ResolvedAccount
}

// unresolved says why a changing call has no ARN.
func (m *maker) unresolved(e *envelope.ResourceEvent) Resolution {
	c := m.s.nameless()
	switch {
	case c != nil:
		e.ResourceType, e.ResourceID, e.ResourceName = c.parsed.Resource, c.value, c.value
		return UnresolvedIDWithoutARN
	case m.r.request == "" || m.r.request == "null":
		return UnresolvedNoParameters
	case m.failed && m.op.change == changeCreated:
		return UnresolvedFailedCreation
	}
	return UnresolvedNoResource
}

func (m *maker) describe(e *envelope.ResourceEvent, text string, a envelope.ARN) {
	d := awscatalog.DescribeKey(a, text)
	e.ARN, e.ResourceType, e.ResourceID, e.ResourceName = text, d.Type, d.ID, d.Name
	if name := e.Tags.Get("Name"); name != "" && a.Service == "ec2" {
		e.ResourceName = name
	}
	if m.n.config.Identity != nil && e.Tags != nil {
		e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = m.n.config.Identity(e.Tags)
	}
}

// deniedResource reads the resource out of "... is not authorized to perform:
// x on resource: arn:...".
func deniedResource(message string) (envelope.ARN, bool) {
	_, rest, found := strings.Cut(message, "on resource: ")
	if !found {
		return envelope.ARN{}, false
	}
	if i := strings.IndexAny(rest, " \n"); i >= 0 {
		rest = rest[:i]
	}
	rest = strings.TrimRight(rest, ".,")
	if strings.ContainsAny(rest, "*?") {
		return envelope.ARN{}, false
	}
	a, err := envelope.ParseARN(rest)
	return a, err == nil && a.Platform == envelope.PlatformAWS
}
