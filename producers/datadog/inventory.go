package datadog

import (
	"context"
	"maps"
	"slices"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

// InventorySource is the source of what an organisation has. The keys see one organisation:
// those of its sub-organisations are not in its lists.
const InventorySource = "datadog.inventory"

// Inventory reads the lists of an organisation.
type Inventory struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Inventory)(nil)

// NewInventory returns the collector of InventorySource.
func NewInventory(cfg Config, client *httpsource.Client) *Inventory { return &Inventory{cfg, client} }

// Source implements producers.Collector.
func (*Inventory) Source() string { return InventorySource }

// Scopes implements producers.Collector.
func (c *Inventory) Scopes([]account.Account, []string) []producers.Scope { return c.cfg.scope() }

// Collect implements producers.Collector.
func (c *Inventory) Collect(ctx context.Context, s *producers.Scan) error {
	for _, l := range lists() {
		if err := c.list(ctx, s, l); err != nil {
			return err
		}
	}
	return nil
}

// list reads a list, and completes its type if it read it all.
func (c *Inventory) list(ctx context.Context, s *producers.Scan, l list) error {
	read := newListing(l)
	for !read.ended() {
		query := l.query(read)
		a, err := c.client.Get(ctx, l.path, query)
		if err == nil {
			s.Page()
			err = read.add(a, l.offsetOf(query), l.sizeOf(query))
		}
		if err == nil && read.stuck() {
			err = a.Invalid("it promises %d items, and has %d", *read.promised, len(read.items))
		}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Gap(ctx, l.resourceType(), err)
			break // what came before is there
		}
	}
	if err := s.Emit(ctx, read.events(s, c.cfg.Organisation, c.cfg.Site)...); err != nil {
		return err
	}
	if read.whole() {
		s.Completed(l.resourceType()) // not published if the type has a gap
	}
	return nil
}

// readLists reads recorded lists. A list is completed if the site and the organisation are
// known, no request filtered it, and its pages are all there.
func readLists(ctx context.Context, s *producers.Scan, r *recording) error {
	byKind := map[string]*recordedList{}
	for _, a := range r.answers {
		l, known := listOf(a.call.shape)
		if !known {
			continue
		}
		if r.payer == "" {
			r.leave(a, "its organisation is not stated: give its public id as the account", 1)
			continue
		}
		key := l.kind + " " + a.site
		if byKind[key] == nil {
			byKind[key] = &recordedList{list: l, site: a.site}
		}
		byKind[key].answers = append(byKind[key].answers, a)
	}
	for _, key := range slices.Sorted(maps.Keys(byKind)) {
		if err := byKind[key].emit(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}

// recordedList is the recorded pages of a list.
type recordedList struct {
	list
	site    string
	answers []recordedAnswer
}

func (l *recordedList) emit(ctx context.Context, s *producers.Scan, r *recording) error {
	slices.SortStableFunc(l.answers, func(a, b recordedAnswer) int { return l.offsetOf(a.Request.Query) - l.offsetOf(b.Request.Query) })
	read := newListing(l.list)
	for _, a := range l.answers {
		n := len(read.items)
		read.broken = read.broken || a.exchange.URL == nil || l.filtered(a.Request.Query)
		if err := read.add(a.Answer, l.offsetOf(a.Request.Query), l.sizeOf(a.Request.Query)); err != nil {
			r.gap(ctx, s, a, l.resourceType(), err)
			continue
		}
		if len(read.items) == n {
			r.leave(a, whyEmpty+", or repeats items of another", 1)
		}
	}
	if err := s.Emit(ctx, read.events(s, r.payer, l.site)...); err != nil {
		return err
	}
	if read.whole() && l.site != "" && l.site == s.Region {
		s.Completed(l.resourceType())
	}
	return nil
}

// snapshot is what all events of a list share.
func snapshot(s *producers.Scan, organisation, site, kind, id string) envelope.ResourceEvent {
	arn := envelope.DatadogARN(organisation, kind, id)
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID(InventorySource, s.At, arn.String()), EventType: envelope.TypeSnapshot, Source: InventorySource,
		TS: s.At, Platform: envelope.PlatformDatadog, ARN: arn.String(), AccountID: organisation, Region: site, Service: kind,
		ResourceType: arn.ResourceType(), ResourceID: id,
		Ancestors: []string{envelope.DatadogARN(organisation, "", "").String()},
	}
}
