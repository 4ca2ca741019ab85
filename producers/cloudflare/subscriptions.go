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
func (c *Billing) fees(ctx context.Context, s *producers.Scan) ([]fee, error) {
	all := entries()
	var fees []fee
	seen := map[string]bool{}
	add := func(a *httpsource.Answer, text []byte, zone, zoneName string) error {
		var u subscription
		if err := json.Unmarshal(text, &u); err != nil {
			return a.Invalid("a subscription is not as documented: %w", err)
		}
		u.Zone.ID, u.Zone.Name = firstOf(u.Zone.ID, zone), firstOf(u.Zone.Name, zoneName)
		f, costs, err := feeOf(&u, c.cfg.Prices, s.At)
		if err != nil {
			return a.Invalid("%w", err)
		}
		plan := u.Zone.ID + "/" + u.RatePlan.ID // a zone has a plan once, whoever lists it
		if costs && !seen[u.ID] && (u.Zone.ID == "" || !seen[plan]) {
			seen[u.ID], seen[plan] = true, true
			fees = append(fees, f)
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
		return fees, fmt.Errorf("listing subscriptions: %w", err)
	}
	zones, _ := entryOf(all, "/zones")
	err = zones.list(zones.request(in(s.Account.ID, ""))).read(ctx, c.client, func(_ *httpsource.Answer, items []item) error {
		s.Page()
		for _, z := range items {
			if c.paid(z) {
				paid = append(paid, z)
			}
		}
		return nil
	})
	if err != nil {
		return fees, fmt.Errorf("listing zones: %w", err)
	}
	for _, z := range paid {
		var text json.RawMessage
		a, err := c.get(ctx, s, "/zones/"+url.PathEscape(z.text("id"))+"/subscription", nil, &text)
		if err == nil {
			err = add(a, text, z.text("id"), z.text("name"))
		}
		if err != nil {
			return fees, fmt.Errorf("asking for the subscription of zone %s: %w", z.text("id"), err)
		}
	}
	return fees, nil
}

// paid reports whether a zone's plan has a price.
func (c *Billing) paid(zone item) bool {
	price, err := decimal.NewFromString(zone.text("plan.price"))
	return err == nil && price.Sign() > 0 || slices.ContainsFunc(c.cfg.Prices, func(p Price) bool {
		return p.RatePlan == zone.text("plan.legacy_id") || p.RatePlan == zone.text("plan.name")
	})
}
