package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/shopspring/decimal"

	"polo/internal/httpsource"
	"polo/producers"
)

// fees reads the subscriptions of the account, and of the zones whose plans have a price.
func (c *Billing) fees(ctx context.Context, s *producers.Scan) (feeList, error) {
	all := entries()
	var found feeList
	add := func(a *httpsource.Answer, text []byte, zone, zoneName string) error {
		if err := found.add(text, zone, zoneName, c.cfg.Prices, s.At); err != nil {
			return a.Invalid("%w", err)
		}
		return nil
	}
	var paid []item
	subscriptions, _ := entryOf(all, "/accounts/"+s.Account.ID+"/subscriptions")
	err := subscriptions.list(subscriptions.request(in(s.Account.ID, ""))).read(ctx, c.client, func(a *httpsource.Answer, items []item) error {
		s.Page()
		for _, it := range items {
			if err := add(a, []byte(jsonText(map[string]any(it))), "", ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return found, fmt.Errorf("listing subscriptions: %w", err)
	}
	zones, _ := entryOf(all, "/zones")
	err = zones.list(zones.request(in(s.Account.ID, ""))).read(ctx, c.client, func(a *httpsource.Answer, items []item) error {
		s.Page()
		for _, z := range items {
			if zones.of(in(s.Account.ID, ""), z).account() != s.Account.ID {
				return a.Invalid("a zone is of another account than was asked for")
			}
			if c.paid(z) {
				paid = append(paid, z)
			}
		}
		return nil
	})
	if err != nil {
		return found, fmt.Errorf("listing zones: %w", err)
	}
	for _, z := range paid {
		var text json.RawMessage
		a, err := c.get(ctx, s, "/zones/"+url.PathEscape(z.text("id"))+"/subscription", nil, &text)
		if err == nil {
			err = add(a, text, z.text("id"), z.text("name"))
		}
		if err != nil {
			return found, fmt.Errorf("asking for the subscription of zone %s: %w", z.text("id"), err)
		}
	}
	return found, nil
}

// paid reports whether a zone's plan has a price.
func (c *Billing) paid(zone item) bool {
	price, err := decimal.NewFromString(zone.text("plan.price"))
	return err == nil && price.Sign() > 0 || slices.ContainsFunc(c.cfg.Prices, func(p Price) bool {
		return p.RatePlan == zone.text("plan.legacy_id") || p.RatePlan == zone.text("plan.name")
	})
}
