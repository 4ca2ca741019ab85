package cloudtrail

import (
	"strings"

	"polo/envelope"
)

// resourceEvents adds an event for each resource that the call changed: the
// primary, and what the record names in the same place as it (the other instances
// of a RunInstances).
func (m *maker) resourceEvents(events []envelope.ResourceEvent, activity *envelope.ResourceEvent, best int, did change) []envelope.ResourceEvent {
	primary := &m.s.found[best]
	did = m.adjust(primary, did)
	changed := m.alongside(primary, did)
	for _, c := range changed {
		e := m.event(eventTypeOf(did))
		e.EventID = envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName, e.EventType, c.arn)
		e.Service = c.parsed.Service
		e.AccountID = m.owner(c)
		e.Region = c.parsed.Region
		if e.Region == "" && (c.parsed.Service == "s3" || c.parsed.Service == "ec2") {
			e.Region = m.r.region
		}
		if !m.op.untags {
			e.Tags = tagsFor(m.tags, c.typ)
		}
		e.Ancestors = m.ancestors(c)
		e.Relations = m.relations(c, e.Ancestors, changed)
		e.State = m.s.stateOf(c)
		m.describe(&e, c.arn, c.parsed)
		e.Properties = make(envelope.Pairs, 0, 4)
		e.Properties.SetSome("event_id", m.r.eventID)
		e.Properties.SetSome("event_name", m.r.eventName)
		e.Properties.SetSome("event_source", m.r.eventSource)
		e.Properties.SetSome("request_id", m.r.requestID)
		events = append(events, e)
	}
	if m.op.untags {
		activity.Tags = nil
	}
	return events
}

// owner is the account a resource is in.
func (m *maker) owner(c *candidate) string {
	if isDigits(c.parsed.AccountID) { // AWS's own policies are in "aws"
		return c.parsed.AccountID
	}
	return m.r.account
}

// adjust turns the creation or removal of a part (a role's policy, a bucket's
// lifecycle) into the change of the whole that the ARN names.
func (m *maker) adjust(c *candidate, did change) change {
	if (did == changeCreated || did == changeDeleted) && !c.match {
		return changeUpdated
	}
	if m.svc.name == "ssm" && m.op.name == "PutParameter" && m.firstVersion() {
		return changeCreated
	}
	return did
}

// firstVersion tells whether a response speaks of version 1.
func (m *maker) firstVersion() bool {
	for i := range m.s.leaves {
		if l := &m.s.leaves[i]; l.side == sideResponse && l.key.lower == "version" {
			return l.value == "1"
		}
	}
	return false
}

// alongside lists the primary and its equals, each ARN once.
func (m *maker) alongside(primary *candidate, did change) []*candidate {
	changed := []*candidate{primary}
	seen := map[string]bool{primary.arn: true}
	for i := range m.s.found {
		c := &m.s.found[i]
		if c.arn == "" || seen[c.arn] || !sameRole(c, primary) {
			continue
		}
		if did != changeUpdated && c.match != primary.match {
			continue
		}
		seen[c.arn] = true
		changed = append(changed, c)
	}
	return changed
}

func sameRole(c, primary *candidate) bool {
	if (c.how == ResolvedResources) != (primary.how == ResolvedResources) || c.inherited&(keyFilter|keyTags) != 0 {
		return false
	}
	sameType := c.typ == primary.typ && c.parsed.Service == primary.parsed.Service
	if c.how == ResolvedResources {
		return sameType && c.match == primary.match
	}
	if c.key != primary.key || c.parent != primary.parent || c.side != primary.side || c.depth != primary.depth {
		return false
	}
	return sameType || primary.key.flags&keyResource != 0 || strings.HasPrefix(primary.key.stem, "resource")
}

func eventTypeOf(c change) string {
	switch c {
	case changeCreated:
		return envelope.TypeResourceCreated
	case changeDeleted:
		return envelope.TypeResourceDeleted
	}
	return envelope.TypeResourceUpdated
}
