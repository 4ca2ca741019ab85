package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
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
	// over is set if the subscription has ended. Its fee was paid in advance: it is not stated
	// again, and must not vanish.
	over bool
}

// feeOf returns the fee of a subscription at a time. There is none without a price above 0
// and a period.
func feeOf(u *subscription, prices []Price, at time.Time) (fee, bool, error) {
	f := fee{of: u}
	switch {
	case u.ID == "":
		return f, false, errors.New("a subscription has no id")
	case u.State == "Trial", u.State == "Failed":
		return f, false, nil
	case u.State == "Cancelled", u.State == "Expired":
		f.over = true
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

// feeList are the fees of an account, each once.
type feeList struct {
	all  []fee
	seen map[string]bool
}

// add adds the fee of a subscription's JSON text, if it has one; zone is where it was asked
// for. A zone has a plan once, whoever lists it.
func (l *feeList) add(text []byte, zone, zoneName string, prices []Price, at time.Time) error {
	var u subscription
	if err := json.Unmarshal(text, &u); err != nil {
		return fmt.Errorf("a subscription is not as documented: %w", err)
	}
	u.Zone.ID, u.Zone.Name = firstOf(u.Zone.ID, zone), firstOf(u.Zone.Name, zoneName)
	f, costs, err := feeOf(&u, prices, at)
	plan := u.Zone.ID + "/" + u.RatePlan.ID
	if err != nil || !costs || !f.over && (l.seen[u.ID] || u.Zone.ID != "" && l.seen[plan]) {
		return err
	}
	l.all = append(l.all, f)
	if f.over {
		return nil
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[u.ID], l.seen[plan] = true, true
	return nil
}

// events returns the cost lines of an account's fees.
func (l *feeList) events(account string) []envelope.ResourceEvent {
	var events []envelope.ResourceEvent
	for i := range l.all {
		if !l.all[i].over {
			events = append(events, l.all[i].event(account))
		}
	}
	return events
}

// event returns the cost line of a fee: one over its period, so that each month counts once.
func (f *fee) event(account string) envelope.ResourceEvent {
	u := f.of
	e := envelope.ResourceEvent{
		EventID:   envelope.NewEventID(SourceBilling, f.period.from, "fee", account, u.ID),
		EventType: envelope.TypeCostAccrued, Source: SourceBilling, TS: f.period.from, PeriodEnd: f.period.to, Platform: envelope.PlatformCloudflare, AccountID: account,
		Service: firstOf(u.Product.PublicName, u.RatePlan.PublicName, u.Product.Name, u.RatePlan.ID), CostAmount: decimal.NewNullDecimal(f.amount), Currency: f.currency,
		Properties: envelope.PairsOf(map[string]string{"charge_category": "Fee", "subscription_id": u.ID}),
	}
	bind(&e, u.Zone.ID, u.Zone.Name)
	e.Properties.SetSome("rate_plan", u.RatePlan.ID)
	e.Properties.SetSome("frequency", u.Frequency)
	e.Properties.SetSome("subscription_state", u.State)
	if f.contract {
		e.Properties.Set("price_source", "contract")
	}
	return e
}

// begun reports whether a period of the fee may have begun on a day that is not listed any
// more. Its line must not vanish.
func (f *fee) begun(d time.Time) bool {
	from := f.period.from
	if f.over && d.Equal(from) {
		return true
	}
	if length := f.period.to.Sub(from); length > 0 && length < 8*day {
		return d.Before(from) && from.Sub(d)%length == 0
	}
	endsMonth := func(t time.Time) bool { return t.Add(day).Day() == 1 }
	return d.Before(from) && (d.Day() == from.Day() ||
		// A month that is too short for the day has the period begin on its last one.
		endsMonth(d) && d.Day() < from.Day() || endsMonth(from) && d.Day() > from.Day())
}
