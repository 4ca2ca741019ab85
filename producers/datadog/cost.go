package datadog

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

const (
	currency = "USD" // Datadog's API names none: it states dollars
	total    = "total"
	day      = 24 * time.Hour
)

// part is a part of what an organisation pays for a product.
type part struct{ product, kind string }

func compareParts(a, b part) int {
	return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.kind, b.kind))
}

// parts adds up the charges of a statement by product and type. Where a product has
// parts, its total is not one of them, and must be their sum; so must the statement's.
func (s *statement) parts() (map[part]decimal.Decimal, error) {
	sums, totals := map[part]decimal.Decimal{}, map[string]decimal.Decimal{}
	for i, c := range s.Charges {
		switch {
		case c.Product == "" || c.Type == "" || c.Cost == nil:
			return nil, fmt.Errorf("charge %d has no product_name, charge_type or cost", i+1)
		case c.Type == total:
			totals[c.Product] = totals[c.Product].Add(*c.Cost)
		default:
			p := part{c.Product, c.Type}
			sums[p] = sums[p].Add(*c.Cost)
		}
	}
	ofProduct := map[string]decimal.Decimal{}
	all := decimal.Decimal{}
	for p, cost := range sums {
		ofProduct[p.product] = ofProduct[p.product].Add(cost)
		all = all.Add(cost)
	}
	for product, stated := range totals {
		sum, split := ofProduct[product]
		switch {
		case !split:
			sums[part{product, total}] = stated
			all = all.Add(stated)
		case !sum.Equal(stated):
			return nil, fmt.Errorf("the parts of %s are %s, and their total %s", product, sum, stated)
		}
	}
	if s.TotalCost != nil && !s.TotalCost.Equal(all) {
		return nil, fmt.Errorf("the charges are %s, and their total %s", all, s.TotalCost)
	}
	return sums, nil
}

// maker makes cost lines of statements.
type maker struct {
	payer, site string
}

// months returns the lines of final statements of a month.
func (m maker) months(all []statement, month time.Time) ([]envelope.ResourceEvent, error) {
	return m.whole(all, month, month.AddDate(0, 1, 0), false)
}

// whole returns a line for all that each statement of a month has cost until end. A month
// that is estimated has the ids of the final one, which restates it.
func (m maker) whole(all []statement, month, end time.Time, estimated bool) ([]envelope.ResourceEvent, error) {
	var lines []envelope.ResourceEvent
	seen := map[string]bool{}
	for i := range all {
		s := &all[i]
		switch {
		case s.PublicID == "":
			return nil, errors.New("a statement has no public_id")
		case s.Date.Before(month) || !s.Date.Before(month.AddDate(0, 1, 0)):
			return nil, fmt.Errorf("a statement of %s is not of %s", s.Date.Format(time.DateOnly), month.Format("2006-01"))
		case seen[s.PublicID]:
			return nil, fmt.Errorf("organisation %s has two statements of %s", s.PublicID, month.Format("2006-01"))
		}
		seen[s.PublicID] = true
		parts, err := s.parts()
		if err != nil {
			return nil, fmt.Errorf("organisation %s, %s: %w", s.PublicID, month.Format("2006-01"), err)
		}
		for _, p := range slices.SortedFunc(maps.Keys(parts), compareParts) {
			lines = append(lines, m.line(s, p, "month", month, end, parts[p], estimated))
		}
	}
	return lines, nil
}

// days returns the lines of estimated statements of a month, each since its 1st, and the
// day after the last one that is stated.
func (m maker) days(all []statement, month time.Time) ([]envelope.ResourceEvent, time.Time, error) {
	byOrg := map[string][]*statement{}
	end := month
	for i := range all {
		s := &all[i]
		s.Date = s.Date.UTC().Truncate(day)
		switch {
		case s.PublicID == "":
			return nil, end, errors.New("a statement has no public_id")
		case s.Date.Before(month) || !s.Date.Before(month.AddDate(0, 1, 0)):
			return nil, end, fmt.Errorf("a statement of %s is not of %s", s.Date.Format(time.DateOnly), month.Format("2006-01"))
		}
		byOrg[s.PublicID] = append(byOrg[s.PublicID], s)
		if next := s.Date.Add(day); next.After(end) {
			end = next
		}
	}
	var lines []envelope.ResourceEvent
	for _, org := range slices.Sorted(maps.Keys(byOrg)) {
		statements := byOrg[org]
		slices.SortStableFunc(statements, func(a, b *statement) int { return a.Date.Compare(b.Date) })
		before, from := map[part]decimal.Decimal{}, month
		for i, s := range statements {
			if i > 0 && s.Date.Equal(statements[i-1].Date) {
				return nil, end, fmt.Errorf("organisation %s has two statements of %s", org, s.Date.Format(time.DateOnly))
			}
			parts, err := s.parts()
			if err != nil {
				return nil, end, fmt.Errorf("organisation %s, %s: %w", org, s.Date.Format(time.DateOnly), err)
			}
			for p := range before {
				if _, still := parts[p]; !still {
					parts[p] = decimal.Decimal{} // taken back
				}
			}
			next := s.Date.Add(day)
			for _, p := range slices.SortedFunc(maps.Keys(parts), compareParts) {
				// A day that is not stated is in the difference of the next one.
				if cost := parts[p].Sub(before[p]); !cost.IsZero() {
					lines = append(lines, m.line(s, p, "day", from, next, cost, true))
				}
			}
			before, from = parts, next
		}
	}
	return lines, end, nil
}

// line returns a cost line. Its period is "day" or "month".
func (m maker) line(s *statement, p part, period string, from, to time.Time, cost decimal.Decimal, estimated bool) envelope.ResourceEvent {
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(Source, from, period, m.payer, s.PublicID, p.product, p.kind), EventType: envelope.TypeCostAccrued,
		Source: Source, TS: from, PeriodEnd: to, Platform: envelope.PlatformDatadog, AccountID: s.PublicID, Region: m.site, Service: p.product,
		CostAmount: decimal.NewNullDecimal(cost), Currency: currency,
		Properties: envelope.PairsOf(map[string]string{
			"charge_type": p.kind, "granularity": period, "estimated": strconv.FormatBool(estimated),
		}),
	}
	e.Properties.SetSome("organisation_name", s.OrgName)
	if s.PublicID != m.payer {
		e.Properties.SetSome(envelope.PropPayerAccount, m.payer)
	}
	return e
}
