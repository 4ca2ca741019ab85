package cloudflare

import (
	"errors"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// subscription is what an account, or a zone, has subscribed to.
//
// Source: Cloudflare, "Account Subscriptions" and "Zone Subscription".
type subscription struct {
	ID          string           `json:"id"`
	Price       *decimal.Decimal `json:"price"`
	Currency    string           `json:"currency"`
	Frequency   string           `json:"frequency"`
	State       string           `json:"state"`
	PeriodStart *time.Time       `json:"current_period_start"`
	PeriodEnd   *time.Time       `json:"current_period_end"`
	Product     struct {
		PublicName string `json:"public_name"`
		Name       string `json:"name"`
	} `json:"product"`
	RatePlan struct {
		ID         string `json:"id"`
		PublicName string `json:"public_name"`
		Currency   string `json:"currency"`
	} `json:"rate_plan"`
	Zone struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"zone"`
}

// fee is what a subscription costs in its current period.
type fee struct {
	of       *subscription
	period   interval
	amount   decimal.Decimal
	currency string
	// contract is set if the price is the setting's.
	contract bool
}

// billed reports whether a subscription of a state is billed. One without a state is.
func billed(state string) bool {
	switch state {
	case "Trial", "Cancelled", "Failed", "Expired":
		return false
	}
	return true
}

// feeOf returns the fee of a subscription at a time. There is none without a price above 0
// and a period.
func feeOf(u *subscription, prices []Price, at time.Time) (fee, bool, error) {
	f := fee{of: u}
	if u.ID == "" {
		return f, false, errors.New("a subscription has no id")
	}
	if !billed(u.State) {
		return f, false, nil
	}
	if u.PeriodStart != nil && u.PeriodEnd != nil {
		f.period = interval{dayOf(*u.PeriodStart), dayOf(*u.PeriodEnd)}
	}
	if i := slices.IndexFunc(prices, func(p Price) bool { return p.RatePlan == u.RatePlan.ID || p.RatePlan == u.RatePlan.PublicName }); i >= 0 {
		p := prices[i]
		f.amount, f.currency, f.contract = p.Amount.Decimal, p.Currency, true
		if f.period.from.IsZero() || u.Frequency != p.Frequency {
			f.period, _ = calendarPeriod(p.Frequency, at)
		}
		return f, f.amount.Sign() > 0, nil
	}
	if u.Price == nil || u.Price.Sign() <= 0 || !f.period.from.Before(f.period.to) {
		return f, false, nil
	}
	code, ok := envelope.ParseCurrency(firstOf(u.Currency, u.RatePlan.Currency))
	if !ok {
		return f, false, errors.New("a subscription's currency is none of ISO 4217")
	}
	f.amount, f.currency = *u.Price, code
	return f, true, nil
}

// event returns the cost line of a fee: one over its period, so that each month counts once.
func (f *fee) event(account, zone, zoneName string) envelope.ResourceEvent {
	u := f.of
	e := envelope.ResourceEvent{
		EventID:   envelope.NewEventID(SourceBilling, f.period.from, "fee", account, u.ID),
		EventType: envelope.TypeCostAccrued, Source: SourceBilling, TS: f.period.from, PeriodEnd: f.period.to, Platform: envelope.PlatformCloudflare, AccountID: account,
		Service: firstOf(u.Product.PublicName, u.RatePlan.PublicName, u.Product.Name, u.RatePlan.ID), CostAmount: decimal.NewNullDecimal(f.amount), Currency: f.currency,
		Properties: envelope.PairsOf(map[string]string{"charge_category": "Fee", "subscription_id": u.ID}),
	}
	bind(&e, firstOf(u.Zone.ID, zone), firstOf(u.Zone.Name, zoneName))
	e.Properties.SetSome("rate_plan", u.RatePlan.ID)
	e.Properties.SetSome("frequency", u.Frequency)
	e.Properties.SetSome("subscription_state", u.State)
	if f.contract {
		e.Properties.Set("price_source", "contract")
	}
	return e
}

// earlier returns the days of an interval on which an earlier period of the fee may have
// begun. Its line is not listed any more, and must not vanish.
func (f *fee) earlier(days interval) []time.Time {
	length := f.period.to.Sub(f.period.from)
	var all []time.Time
	if length < 8*day {
		for d := f.period.from.Add(-length); length > 0 && !d.Before(days.from); d = d.Add(-length) {
			all = append(all, d)
		}
		return all
	}
	for n := 1; ; n++ {
		d := anchored(f.period.from, f.period.from.Year(), f.period.from.Month()-time.Month(n))
		if d.Before(days.from) {
			return all
		}
		all = append(all, d)
	}
}
