package cloudtrail

import (
	"strings"
	"time"

	"polo/envelope"
	"polo/producers/awscatalog"
	"polo/producers/cloudtrail/resolve"
)

// maker turns one record into events.
type maker struct {
	n          *Normaliser
	call       resolve.Call
	r          *record
	observedAt time.Time
	ts, end    time.Time
	id         string // the record's own identity
	source     string
	actor      string
	failed     bool
	reads      bool
	tags       []resolve.Tag
	// explanation, if set, receives the reasons for the ARN.
	explanation *Explanation
}

// cloudTrail returns the events of a CloudTrail record. text is the whole record, with its
// wrapping.
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
	m.setAccount()
	m.call.Service = m.call.Resolver.Service(r.eventSource)
	m.call.Operation = m.call.Service.Operation(r.eventName)
	m.actor = r.principal.actor(r.partition)
	m.failed = r.errorCode != "" || r.errorMessage != ""
	m.reads = r.readOnly == "true" || r.readOnly == "" && !m.call.Operation.Changing

	activity := m.event(activityType(r))
	activity.PeriodEnd, activity.State = m.end, r.insightState
	if r.insightState != "" {
		activity.EventID = envelope.NewEventID(m.source, m.ts, m.id, r.eventName, r.insightState)
	}
	activity.Properties = m.properties()
	m.collect()
	changes := m.changes()
	if changes != resolve.None {
		m.tags = m.call.Tags()
	}
	out := Outcome{Events: make([]envelope.ResourceEvent, 1, 2)}
	best := m.call.Primary()
	out.How = m.key(&activity, best)
	activity.Properties.Set("arn_resolution", string(out.How))
	if best != nil && activity.Service == "" {
		activity.Service = best.Key().Parsed.Service // an aggregated event may name none
	}
	if best != nil && changes != resolve.None {
		out.Events = m.resourceEvents(out.Events, &activity, best, changes)
	}
	out.Events[0] = activity
	m.explain(best, changes)
	return out, nil
}

// innermost returns the record's own text without its wrapping, so that its content identifies it
// in every form of delivery.
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

// collect finds the resources that the record names.
func (m *maker) collect() {
	m.call.Place = awscatalog.Place{Partition: m.r.partition, Region: m.r.region, Account: m.r.account}
	m.call.Resources(m.r.resources)
	m.call.Collect()
}

// setAccount sets the record's account: the account it was delivered to, else the caller's, else
// the one an EventBridge event names.
func (m *maker) setAccount() {
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

// firstAccount returns the first value that is an account id.
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

// event returns an activity with the fields that all events of the record share.
func (m *maker) event(typ string) envelope.ResourceEvent {
	return envelope.ResourceEvent{
		EventID:    envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName), //mutant:id-holds-observation
		EventType:  typ,
		Source:     m.source,
		TS:         m.ts,
		ObservedAt: m.observedAt,
		Platform:   envelope.PlatformAWS,
		AccountID:  m.r.account,
		Region:     m.r.region,
		Service:    m.call.Service.Name,
		Actor:      m.actor,
		ErrorCode:  m.errorCode(),
	}
}

// errorCode is never empty for a failed call.
func (m *maker) errorCode() string {
	if m.r.errorCode == "" && m.failed {
		return "Failure"
	}
	return m.r.errorCode
}

// changes returns what the call does, whatever the resource.
func (m *maker) changes() resolve.Change {
	switch {
	case m.failed, m.reads, m.r.readOnly == "true":
		return resolve.None
	case m.r.isInsight(), m.r.isAggregated(), m.r.namesNoCall():
		return resolve.None
	case m.r.eventType != "" && m.r.eventType != "AwsApiCall" && m.r.eventType != "AwsConsoleAction":
		return resolve.None
	case m.call.Anywhere("dryrun") == "true":
		return resolve.None
	}
	return m.call.Operation.Change
}

// key sets the activity's resource and returns how it was found.
func (m *maker) key(e *envelope.ResourceEvent, best *resolve.Candidate) resolve.Resolution {
	if best != nil {
		e.Ancestors = m.call.Ancestors(best)
		e.Relations = m.call.Relations(best, e.Ancestors, nil)
		e.Tags = resolve.TagsFor(m.tags, best.Type())
		m.resource(e, best)
		if m.changes() != resolve.None {
			e.State = m.call.State(best)
		}
		return m.call.Surest(best)
	}
	e.Relations = m.call.Relations(nil, nil, nil)
	if denied, ok := deniedResource(m.r.errorMessage); ok {
		m.describe(e, denied)
		e.Ancestors = append(denied.Ancestors(), awscatalog.Above(denied.Parsed.Partition, denied.Parsed.Region, firstAccount(denied.Parsed.AccountID, m.r.account))...)
		return resolve.ResolvedErrorMessage
	}
	if !m.reads && e.EventType == envelope.TypeAPICall {
		return m.unresolved(e)
	}
	if principal, ok := awscatalog.Describe(m.r.principal.key(m.r.partition)); ok {
		m.describe(e, principal)
		return resolve.ResolvedPrincipal
	}
	if m.r.account == "" {
		return resolve.UnresolvedNoAccount
	}
	root, ok := awscatalog.Describe(awscatalog.AccountARN(m.r.partition, m.r.account))
	if !ok {
		return resolve.UnresolvedNoAccount
	}
	m.describe(e, root)
	return resolve.ResolvedAccount
}

// unresolved returns why a changing call has no ARN.
func (m *maker) unresolved(e *envelope.ResourceEvent) resolve.Resolution {
	c := m.call.BestWithoutARN()
	switch {
	case c != nil:
		e.ResourceID, e.ResourceType = c.Named()
		e.ResourceName = e.ResourceID
		return resolve.UnresolvedIDWithoutARN
	case m.r.request == "" || m.r.request == "null":
		return resolve.UnresolvedNoParameters
	case m.failed && m.call.Operation.Change == resolve.Created:
		return resolve.UnresolvedFailedCreation
	}
	return resolve.UnresolvedNoResource
}

// resource sets an event's resource to a candidate.
func (m *maker) resource(e *envelope.ResourceEvent, c *resolve.Candidate) {
	m.describe(e, c.Key().Describe())
}

func (m *maker) describe(e *envelope.ResourceEvent, r awscatalog.Resource) {
	e.ARN, e.ResourceType, e.ResourceID, e.ResourceName = r.ARN, r.Type, r.ID, r.Name
	if name := e.Tags.Get("Name"); name != "" && r.Parsed.Service == "ec2" {
		e.ResourceName = name
	}
	if m.n.config.Identity != nil && e.Tags != nil {
		e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = m.n.config.Identity(e.Tags)
	}
}

// deniedResource parses the resource in "... is not authorized to perform: x on resource:
// arn:...".
func deniedResource(message string) (awscatalog.Resource, bool) {
	_, rest, found := strings.Cut(message, "on resource: ")
	if !found {
		return awscatalog.Resource{}, false
	}
	if i := strings.IndexAny(rest, " \n"); i >= 0 {
		rest = rest[:i]
	}
	rest = strings.TrimRight(rest, ".,")
	if strings.ContainsAny(rest, "*?") {
		return awscatalog.Resource{}, false
	}
	return awscatalog.Describe(rest)
}
