package inventory

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/awscatalog"
	"polo/producers/inventory/document"
)

// maker turns the items of one scope into events.
type maker struct {
	source         string
	at, observedAt time.Time
	place          place
	identity       producers.Identity
	owners         owners
}

// Reason is why an item or a whole answer did not become an event.
type Reason string

// make returns the event of an item, or the reason why there is none. missing means that a
// further call about the item was refused.
func (m *maker) make(e *entry, it item, tags envelope.Pairs, missing bool) (envelope.ResourceEvent, Reason) {
	where := m.place
	owner := e.account.text(it)
	if awscatalog.IsAccount(owner) {
		where.account = owner
	}
	key, found := e.keyOf(it, where)
	if !found {
		if where.account == "" || where.region == "" {
			return envelope.ResourceEvent{}, ReasonNoPlace
		}
		return envelope.ResourceEvent{}, ReasonNoARN
	}
	text, arn := key.ARN, key.Parsed
	if e.Type != sweepType && arn.ResourceType() != e.Type {
		return envelope.ResourceEvent{}, ReasonOtherType
	}
	where = where.of(arn)
	d := key.Describe()
	ev := envelope.ResourceEvent{
		EventID:   envelope.NewEventID(m.source, m.at, "snapshot", text),
		EventType: envelope.TypeSnapshot, Source: m.source, TS: m.at, ObservedAt: m.observedAt,
		ARN: text, Platform: envelope.PlatformAWS, AccountID: where.account, Region: arn.Region, Service: arn.Service,
		ResourceType: d.Type, ResourceID: d.ID, State: e.state.text(it),
	}
	if region := e.region.text(it); region != "" {
		ev.Region = region
	}
	own, known := tagsOf(e.tags.values(it))
	if known {
		tags = own
	}
	ev.Tags = tags
	ev.ResourceName = e.nameOf(it, tags, d)
	switch {
	case slices.Contains(e.gone, ev.State):
		ev.EventType = envelope.TypeResourceDeleted
	case missing:
		ev.EventType = envelope.TypeResourceUpdated
	}
	ev.Ancestors = e.ancestorsOf(it, where, ev.Region, &key)
	ev.Relations = e.relationsOf(it, where, text, ev.Ancestors)
	ev.Properties = e.propertiesOf(it)
	family := m.owners.setOwner(&ev, m.identity, arnsOf(e.inherits, it, where))
	if e.Parent {
		m.owners.add(ev.ARN, family, arnsOf(e.inheritors, it, where))
	}
	return ev, ""
}

// of returns the place of a resource: its ARN's partition, region and account, as far as it has them.
func (p place) of(arn envelope.ARN) place {
	p.partition, p.region = arn.Partition, cmp.Or(arn.Region, p.region)
	if awscatalog.IsAccount(arn.AccountID) {
		p.account = arn.AccountID
	}
	return p
}

// nameOf returns the item's name: of its tags, of its own members, or of its ARN.
func (e *entry) nameOf(it item, tags envelope.Pairs, d awscatalog.Resource) string {
	if name := tags.Get("Name"); name != "" && d.Parsed.Service == "ec2" {
		return name
	}
	return cmp.Or(e.name.text(it), d.Name)
}

// keyOf returns the item's key.
func (e *entry) keyOf(it item, where place) (awscatalog.Key, bool) {
	for _, t := range e.arn {
		for _, text := range t.arns(it, where) {
			if k, ok := awscatalog.KeyOf(text); ok {
				return k, true
			}
		}
	}
	return awscatalog.Key{}, false
}

func arnsOf(templates []template, it item, where place) []string {
	var out []string
	for _, t := range templates {
		for _, arn := range t.arns(it, where) {
			if !slices.Contains(out, arn) {
				out = append(out, arn)
			}
		}
	}
	return out
}

// ancestorsOf returns the ancestors that the item and its key name, then the region, if any, and
// the account.
func (e *entry) ancestorsOf(it item, where place, region string, self *awscatalog.Key) []string {
	up := arnsOf(e.ancestors, it, where)
	for _, parent := range self.Ancestors() {
		if !slices.Contains(up, parent) {
			up = append(up, parent)
		}
	}
	if where.account != "" {
		up = append(up, awscatalog.Above(where.partition, region, where.account)...)
	}
	return slices.DeleteFunc(up, func(arn string) bool { return arn == self.ARN })
}

// relationsOf returns the relations sorted, with each target once, and without the item itself
// and its ancestors.
func (e *entry) relationsOf(it item, where place, self string, ancestors []string) []envelope.Relation {
	var out []envelope.Relation
	for _, r := range e.relations {
		for _, target := range r.to.arns(it, where) {
			known := slices.ContainsFunc(out, func(o envelope.Relation) bool { return o.TargetARN == target })
			if !known && target != self && !slices.Contains(ancestors, target) {
				out = append(out, envelope.Relation{Type: r.typ, TargetARN: target})
			}
		}
	}
	slices.SortFunc(out, func(a, b envelope.Relation) int { return strings.Compare(a.TargetARN, b.TargetARN) })
	return out
}

func (e *entry) propertiesOf(it item) envelope.Pairs {
	var props envelope.Pairs
	for _, p := range e.properties {
		v := p.value(it)
		text := p.read(document.Text(v))
		if text == "" {
			text = document.JSON(v)
		}
		props.SetSome(p.key, policyText(text))
	}
	return props
}

// policyText decodes the URL encoding of a policy from IAM's API.
func policyText(s string) string {
	if !strings.HasPrefix(s, "%7B") {
		return s
	}
	plain, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return plain
}
