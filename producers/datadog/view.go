package datadog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/httpsource"
)

// typeCostViewed is of lines that state the money of cost.accrued once more, otherwise
// split.
const typeCostViewed = "cost.viewed"

// attributedCost is what an organisation has cost in a month under some values of tags.
type attributedCost struct {
	OrgName  string         `json:"org_name"`
	PublicID string         `json:"public_id"`
	Month    string         `json:"month"`
	Config   string         `json:"tag_config_source"`
	Tags     map[string]any `json:"tags"`
	// Values hold <product>_<type>_cost, and shares in percent.
	Values map[string]*decimal.Decimal `json:"values"`
}

// attributions returns the items of an answer, the tags' configuration that they name, and
// the cursor of the next page.
//
// Source: Datadog, "Usage Metering" API, get monthly cost attribution.
func attributions(a *httpsource.Answer) (items []attributedCost, config, next string, err error) {
	var body struct {
		Data *[]struct {
			Attributes attributedCost `json:"attributes"`
		} `json:"data"`
		Meta usagePages `json:"meta"`
	}
	if err := a.Decode(&body); err != nil {
		return nil, "", "", err
	}
	if body.Data == nil {
		return nil, "", "", a.Invalid("its answer has no data")
	}
	for _, d := range *body.Data {
		items = append(items, d.Attributes)
		if config == "" {
			config = d.Attributes.Config
		}
	}
	return items, config, body.Meta.next(), nil
}

// views makes lines of attributed costs.
type views struct {
	payer, site string
	// items were read; those that cost nothing have no event.
	items  int
	events []envelope.ResourceEvent
	seen   map[uuid.UUID]bool
}

func newViews(payer, site string) *views {
	return &views{payer: payer, site: site, seen: map[uuid.UUID]bool{}}
}

// add adds the lines of items, all of a month unless that is zero.
func (v *views) add(items []attributedCost, month time.Time) error {
	v.items += len(items)
	for i := range items {
		c := &items[i]
		at := momentOf(c.Month)
		switch {
		case c.PublicID == "" || at.IsZero():
			return errors.New("an item has no public_id or no month")
		case !month.IsZero() && !monthOf(at).Equal(month):
			return fmt.Errorf("an item of %s is not of %s", at.Format("2006-01"), month.Format("2006-01"))
		}
		parts, err := c.parts()
		if err != nil {
			return err
		}
		for _, p := range slices.SortedFunc(maps.Keys(parts), compareParts) {
			e := v.line(c, p, monthOf(at), parts[p])
			if v.seen[e.EventID] {
				return fmt.Errorf("organisation %s has two costs of %s under the same tags", c.PublicID, p.product)
			}
			v.seen[e.EventID] = true
			v.events = append(v.events, e)
		}
	}
	return nil
}

// parts returns the costs by product and type, but for zeros: a line that is not stated again
// counts zero. A total is one of them where a product has no parts.
func (c *attributedCost) parts() (map[part]decimal.Decimal, error) {
	costs, split := map[part]decimal.Decimal{}, map[string]bool{}
	for field, cost := range c.Values {
		name, isCost := strings.CutSuffix(field, "_cost")
		if !isCost || cost == nil {
			continue
		}
		kinds := []string{"on_demand", "committed", total}
		i := slices.IndexFunc(kinds, func(kind string) bool { return strings.HasSuffix(name, "_"+kind) })
		if i < 0 {
			return nil, fmt.Errorf("%s is no known type of cost", field)
		}
		p := part{strings.TrimSuffix(name, "_"+kinds[i]), kinds[i]}
		split[p.product] = split[p.product] || p.kind != total
		costs[p] = *cost
	}
	maps.DeleteFunc(costs, func(p part, cost decimal.Decimal) bool { return cost.IsZero() || p.kind == total && split[p.product] })
	return costs, nil
}

func (v *views) line(c *attributedCost, p part, month time.Time, cost decimal.Decimal) envelope.ResourceEvent {
	payer := v.payer
	if payer == "" {
		payer = c.PublicID
	}
	m := maker{payer: payer, site: v.site}
	e := m.line(&statement{OrgName: c.OrgName, PublicID: c.PublicID}, p, "month", month, month.AddDate(0, 1, 0), cost, false)
	identity := []string{"month", payer, c.PublicID, p.product, p.kind}
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		text := joined(c.Tags[key])
		identity = append(identity, key, text)
		if text != "" {
			e.Tags.Set(key, text)
		}
	}
	e.Source, e.EventType = AttributionSource, typeCostViewed
	e.EventID = envelope.NewEventID(AttributionSource, month, identity...)
	return e
}
