package cloudflare

import (
	"context"
	"fmt"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

// SourceInventory is the source of what accounts hold.
const SourceInventory = "cloudflare.inventory"

// Inventory reads what accounts hold.
type Inventory struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Inventory)(nil)

// NewInventory returns a collector.
func NewInventory(cfg Config, client *httpsource.Client) *Inventory { return &Inventory{cfg, client} }

// Source implements producers.Collector.
func (*Inventory) Source() string { return SourceInventory }

// Scopes implements producers.Collector: the accounts of the setting.
func (c *Inventory) Scopes([]account.Account, []string) []producers.Scope {
	return scopes(c.cfg.Accounts)
}

func scopes(ids []string) []producers.Scope {
	all := make([]producers.Scope, len(ids))
	for i, id := range ids {
		all[i] = producers.Scope{Account: account.Account{ID: id}}
	}
	return all
}

// Collect implements producers.Collector. A type is completed if each of its lists was
// read whole: that of the account, and those of all its zones.
func (c *Inventory) Collect(ctx context.Context, s *producers.Scan) error {
	all := entries()
	var zones []place
	for i := range all {
		e := &all[i]
		if e.Recorded || e.ofZone() {
			continue
		}
		err := c.read(ctx, s, e, in(s.Account.ID, ""), func(p place, it item) {
			if e.Key == keyZone {
				z := in(s.Account.ID, it.text("id"))
				z.zoneName = it.text("name")
				zones = append(zones, z)
			}
		})
		if stop := gap(ctx, s, e, "", err); stop != nil {
			return stop
		}
		if e.Key == keyZone && err != nil {
			for i := range all {
				if all[i].ofZone() && !all[i].Recorded {
					s.Gap(ctx, all[i].resourceType(), fmt.Errorf("the zones are not known: %w", err))
				}
			}
		}
	}
	for _, z := range zones {
		for i := range all {
			if e := &all[i]; e.ofZone() && !e.Recorded {
				if stop := gap(ctx, s, e, "zone "+z.zone()+": ", c.read(ctx, s, e, z, func(place, item) {})); stop != nil {
					return stop
				}
			}
		}
	}
	for _, t := range types(all) {
		s.Completed(t) // the gaps of a type withdraw it
	}
	return nil
}

// gap reports an error of an entry. It returns one that ends the scope.
func gap(ctx context.Context, s *producers.Scan, e *entry, where string, err error) error {
	if err == nil || producers.IsEmitError(err) {
		return err
	}
	s.Gap(ctx, e.resourceType(), fmt.Errorf("%s%w", where, err))
	return nil
}

// types are the types that the inventory completes, each once.
func types(all []entry) []string {
	var found []string
	seen := map[string]bool{}
	for i := range all {
		if t := all[i].resourceType(); !all[i].Recorded && !seen[t] {
			seen[t] = true
			found = append(found, t)
		}
	}
	return found
}

// read emits the items of a list.
func (c *Inventory) read(ctx context.Context, s *producers.Scan, e *entry, p place, each func(place, item)) error {
	var unusable error
	err := e.list(e.request(p)).read(ctx, c.client, func(a *httpsource.Answer, items []item) error {
		s.Page()
		var events []envelope.ResourceEvent
		for _, it := range items {
			if e.Gone != "" && it.text(e.Gone) != "" {
				continue
			}
			where := e.of(p, it)
			if where.account() != s.Account.ID {
				unusable = a.Invalid("it is of another account than was asked for")
				continue
			}
			made, err := e.events(where, it, s)
			if err != nil {
				unusable = a.Invalid("%w", err)
				continue
			}
			events = append(events, made...)
			each(where, it)
		}
		return s.Emit(ctx, events...)
	})
	if err == nil {
		err = unusable
	}
	return err
}

// events returns the events of an item: its snapshot, and what an account is called.
func (e *entry) events(p place, it item, s *producers.Scan) ([]envelope.ResourceEvent, error) {
	snapshot, err := e.snapshot(p, it, s.At)
	if err != nil || e.Key != keyAccount {
		return []envelope.ResourceEvent{snapshot}, err
	}
	described := snapshot
	described.EventType = envelope.TypeAccountDescribed
	described.EventID = envelope.NewEventID(SourceInventory, s.At, "account", p.account())
	return []envelope.ResourceEvent{snapshot, described}, nil
}
