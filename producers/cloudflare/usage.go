package cloudflare

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// usageRecord is what a service, in a zone or without one, cost on a day. The names that
// begin with x_ are those of the API's second version.
//
// Source: Cloudflare, "Get Account Billable Usage" (after FOCUS 1.3).
type usageRecord struct {
	BilledCost *decimal.Decimal
	// ContractedCost is the same, in answers that have no BilledCost. The cumulated columns
	// are sums since the period began, and never a day's cost.
	ContractedCost                                 *decimal.Decimal
	BillingAccountID                               string `json:"BillingAccountId"`
	BillingCurrency                                string
	BillingPeriodStart                             time.Time
	ChargePeriodStart, ChargePeriodEnd             time.Time
	ChargeCategory, ChargeClass, ChargeDescription string
	ConsumedQuantity                               decimal.NullDecimal
	ConsumedUnit                                   string
	ServiceName, ServiceFamilyName                 string
	Metric                                         string `json:"x_BillableMetricName"`
	Family                                         string `json:"x_ProductFamilyName"`
	SubscriptionID                                 string `json:"SubscriptionId"`
	SubAccountID                                   string `json:"SubAccountId"`
	ZoneID                                         string `json:"ZoneId"`
	ZoneName                                       string
	XZoneID                                        string `json:"x_ZoneId"`
	XZoneName                                      string `json:"x_ZoneName"`
}

// categoryUsage is the category of what is metered; it is also that of records without one.
const categoryUsage = "Usage"

// lineKey is what distinguishes lines. Nothing of it is restated.
type lineKey struct {
	day                                                                           time.Time
	account, service, family, zone, subscription, category, class, unit, currency string
}

func (k lineKey) compare(l lineKey) int {
	return cmp.Or(k.day.Compare(l.day), cmp.Compare(k.account, l.account), cmp.Compare(k.service, l.service), cmp.Compare(k.family, l.family), cmp.Compare(k.zone, l.zone), cmp.Compare(k.subscription, l.subscription),
		cmp.Compare(k.category, l.category), cmp.Compare(k.class, l.class), cmp.Compare(k.unit, l.unit), cmp.Compare(k.currency, l.currency))
}

// line is the sum of the records of a key.
type line struct {
	cost                  decimal.Decimal
	quantity              decimal.NullDecimal
	end, periodStart      time.Time
	description, zoneName string
	records               int
}

// lines are cost lines by their keys.
type lines map[lineKey]line

// add adds a record of an account. A key that is there twice in one answer is summed.
func (all lines) add(r *usageRecord, account string) error {
	cost := r.BilledCost
	if cost == nil {
		cost = r.ContractedCost
	}
	currency, known := envelope.ParseCurrency(r.BillingCurrency)
	k := lineKey{
		day: dayOf(r.ChargePeriodStart), account: firstOf(account, r.BillingAccountID), service: firstOf(r.ServiceName, r.Metric), family: firstOf(r.ServiceFamilyName, r.Family), zone: firstOf(r.ZoneID, r.XZoneID),
		subscription: firstOf(r.SubscriptionID, r.SubAccountID), category: firstOf(r.ChargeCategory, categoryUsage), class: r.ChargeClass, unit: r.ConsumedUnit, currency: currency,
	}
	switch {
	case cost == nil:
		return errors.New("a record has no BilledCost")
	case r.ChargePeriodStart.IsZero():
		return errors.New("a record has no ChargePeriodStart")
	case k.service == "":
		return errors.New("a record has no ServiceName")
	case !known:
		return errors.New("a record's BillingCurrency is none of ISO 4217")
	case r.BillingAccountID != "" && account != "" && r.BillingAccountID != account:
		return errors.New("a record is of another account than was asked for")
	case k.account == "":
		return errors.New("nothing says which account a record is of")
	}
	end := k.day.Add(day)
	if last := r.ChargePeriodEnd; last.After(end) {
		if end = dayOf(last); end.Before(last) {
			end = end.Add(day)
		}
	}
	l, twice := all[k]
	l.cost = l.cost.Add(*cost)
	l.records++
	switch {
	case !twice:
		l.quantity = r.ConsumedQuantity
	case r.ConsumedQuantity.Valid && l.quantity.Valid:
		l.quantity.Decimal = l.quantity.Decimal.Add(r.ConsumedQuantity.Decimal)
	default:
		l.quantity.Valid = false // a sum of what is known in part is not known
	}
	if end.After(l.end) {
		l.end = end
	}
	l.periodStart, l.description, l.zoneName = r.BillingPeriodStart, r.ChargeDescription, firstOf(r.ZoneName, r.XZoneName)
	all[k] = l
	return nil
}

// merge adds the lines of another answer. A key that is in both is the same fact: the answer
// that has more records of it knows of more subscriptions.
func (all lines) merge(other lines) {
	for k, l := range other {
		if all[k].records <= l.records {
			all[k] = l
		}
	}
}

// events returns the cost lines as events, in order.
func (all lines) events() []envelope.ResourceEvent {
	var events []envelope.ResourceEvent
	for _, k := range slices.SortedFunc(maps.Keys(all), lineKey.compare) {
		l := all[k]
		e := envelope.ResourceEvent{
			EventID:   envelope.NewEventID(SourceBilling, k.day, "usage", k.account, k.service, k.family, k.zone, k.subscription, k.category, k.class, k.unit, k.currency),
			EventType: envelope.TypeCostAccrued, Source: SourceBilling, TS: k.day, PeriodEnd: l.end, Platform: envelope.PlatformCloudflare, AccountID: k.account, Service: k.service,
			CostAmount: decimal.NewNullDecimal(l.cost), Currency: k.currency, UsageQuantity: l.quantity, UsageUnit: k.unit,
			Properties: envelope.PairsOf(map[string]string{"charge_category": k.category}),
		}
		bind(&e, k.zone, l.zoneName)
		e.Properties.SetSome("service_family", k.family)
		e.Properties.SetSome("subscription_id", k.subscription)
		e.Properties.SetSome("charge_class", k.class)
		e.Properties.SetSome("description", l.description)
		if !l.periodStart.IsZero() {
			e.Properties.Set("billing_period_start", l.periodStart.UTC().Format(time.DateOnly))
		}
		events = append(events, e)
	}
	return events
}

// bind gives a cost line the key of its zone, or of its account.
func bind(e *envelope.ResourceEvent, zone, zoneName string) {
	e.ARN, e.ResourceType, e.ResourceID = accountARN(e.AccountID), "cloudflare:account", e.AccountID
	if zone != "" {
		e.ARN, e.ResourceType, e.ResourceID, e.ResourceName = zoneARN(zone), "cloudflare:zone", zone, zoneName
		e.Ancestors = []string{accountARN(e.AccountID)}
	}
}

// in returns an error if a record's day is not in the days that were asked for.
func (r *usageRecord) in(asked interval) error {
	if d := dayOf(r.ChargePeriodStart); d.Before(asked.from) || !d.Before(asked.to) {
		return fmt.Errorf("a record of %s is not of the days that were asked for, %s to %s", d.Format(time.DateOnly), asked.from.Format(time.DateOnly), asked.to.Add(-day).Format(time.DateOnly))
	}
	return nil
}
