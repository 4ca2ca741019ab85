package cloudtrail

import (
	"polo/envelope"
	"polo/producers/cloudtrail/resolve"
)

// resourceEvents appends an event for each resource that the call changed: the primary, and those
// in the same place of the record (the other instances of a RunInstances).
func (m *maker) resourceEvents(events []envelope.ResourceEvent, activity *envelope.ResourceEvent, primary *resolve.Candidate, did resolve.Change) []envelope.ResourceEvent {
	did = m.adjust(primary, did)
	changed := m.call.ChangedTogether(primary, did)
	for _, c := range changed {
		arn := c.Key().Parsed
		e := m.event(eventTypeOf(did))
		e.EventID = envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName, e.EventType, c.Key().ARN)
		e.Service = arn.Service
		e.AccountID = m.call.Owner(c)
		e.Region = arn.Region
		if e.Region == "" && (arn.Service == "s3" || arn.Service == "ec2") {
			e.Region = m.r.region
		}
		if !m.call.Operation.Untags {
			e.Tags = resolve.TagsFor(m.tags, c.Type())
		}
		e.Ancestors = m.call.Ancestors(c)
		e.Relations = m.call.Relations(c, e.Ancestors, changed)
		e.State = m.call.State(c)
		m.resource(&e, c)
		e.Properties = make(envelope.Pairs, 0, 4)
		e.Properties.SetSome("event_id", m.r.eventID)
		e.Properties.SetSome("event_name", m.r.eventName)
		e.Properties.SetSome("event_source", m.r.eventSource)
		e.Properties.SetSome("request_id", m.r.requestID)
		events = append(events, e)
	}
	if m.call.Operation.Untags {
		activity.Tags = nil
	}
	return events
}

// adjust turns the creation or removal of a part (a role's policy, a bucket's lifecycle) into an
// update of the resource that the ARN names.
func (m *maker) adjust(c *resolve.Candidate, did resolve.Change) resolve.Change {
	if (did == resolve.Created || did == resolve.Deleted) && !c.IsObject() {
		return resolve.Updated
	}
	if m.call.Service.Name == "ssm" && m.call.Operation.Name == "PutParameter" && m.call.InResponse("version") == "1" {
		return resolve.Created
	}
	return did
}

func eventTypeOf(c resolve.Change) string {
	switch c {
	case resolve.Created:
		return envelope.TypeResourceCreated
	case resolve.Deleted:
		return envelope.TypeResourceDeleted
	}
	return envelope.TypeResourceUpdated
}
