package github

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

const (
	currency = "USD" // GitHub names none: it bills dollars
	day      = 24 * time.Hour
)

// cent is how far gross less discount may be from net, which GitHub rounds.
var cent = decimal.New(1, -2)

// usage is the answer of a usage report.
type usage struct {
	Items *[]item `json:"usageItems"`
}

// item is what a product has cost on a day in a repository.
type item struct {
	Date         string           `json:"date"`
	Product      string           `json:"product"`
	SKU          string           `json:"sku"`
	Quantity     *decimal.Decimal `json:"quantity"`
	Unit         string           `json:"unitType"`
	Price        *decimal.Decimal `json:"pricePerUnit"`
	Gross        *decimal.Decimal `json:"grossAmount"`
	Discount     *decimal.Decimal `json:"discountAmount"`
	Net          *decimal.Decimal `json:"netAmount"`
	Organisation string           `json:"organizationName"`
	Repository   string           `json:"repositoryName"`
}

// lineKey is what makes a line one: text whose case GitHub does not keep is folded.
type lineKey struct {
	day                        time.Time
	product, sku, unit         string
	login, repoOwner, repoName string
}

// costCentre is a part of an enterprise's costs that its plain report leaves out.
type costCentre struct{ id, name string }

// report is who is asked for usage, and of which month and cost centre.
type report struct {
	place  place
	payer  owner
	centre costCentre
	// from and to bound the days; zero where a recorded request does not state them.
	from, to time.Time
}

// lines returns the cost lines of items. Those of one key are summed. An error means that the report is not as documented.
func (r report) lines(items []item) ([]envelope.ResourceEvent, error) {
	sums := map[lineKey]*item{}
	var order []lineKey
	for i := range items {
		it := items[i]
		k, err := r.check(&it)
		if err != nil {
			return nil, fmt.Errorf("usage item %d: %w", i+1, err)
		}
		sum := sums[k]
		if sum == nil {
			sums[k] = &it
			order = append(order, k)
			continue
		}
		sum.add(&it)
	}
	lines := make([]envelope.ResourceEvent, 0, len(order))
	for _, k := range order {
		lines = append(lines, r.line(k, sums[k]))
	}
	return lines, nil
}

// add adds an item of the same key. A price that differs is no longer one.
func (i *item) add(other *item) {
	for _, p := range []struct {
		sum  **decimal.Decimal
		more *decimal.Decimal
	}{{&i.Quantity, other.Quantity}, {&i.Gross, other.Gross}, {&i.Discount, other.Discount}, {&i.Net, other.Net}} {
		sum := (*p.sum).Add(*p.more)
		*p.sum = &sum
	}
	if i.Price != nil && (other.Price == nil || !i.Price.Equal(*other.Price)) {
		i.Price = nil
	}
}

var repositoryNames = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// check returns the key of an item, or says what is wrong with it.
func (r report) check(i *item) (lineKey, error) {
	k := lineKey{product: fold(i.Product), sku: fold(i.SKU), unit: fold(i.Unit)}
	var err error
	if k.day, err = dayOf(i.Date); err != nil {
		return k, err
	}
	switch {
	case !r.from.IsZero() && (k.day.Before(r.from) || !k.day.Before(r.to)):
		return k, fmt.Errorf("its date is not of %s", r.from.Format("2006-01"))
	case k.product == "" || k.sku == "":
		return k, errors.New("it has no product or sku")
	}
	for name, amount := range map[string]*decimal.Decimal{"quantity": i.Quantity, "grossAmount": i.Gross, "discountAmount": i.Discount, "netAmount": i.Net} {
		if amount == nil || !bounded(*amount) {
			return k, fmt.Errorf("its %s is missing or has too many digits", name)
		}
	}
	if i.Price != nil && !bounded(*i.Price) {
		i.Price = nil
	}
	k.login = fold(i.Organisation)
	if k.login != "" && !names.MatchString(k.login) {
		return k, errors.New("its organizationName is no login")
	}
	if i.Repository != "" {
		login, name, full := strings.Cut(strings.ToLower(i.Repository), "/")
		if !full {
			login, name = k.login, login
		}
		if login == "" && !r.payer.enterprise {
			login = r.payer.name
		}
		if !repositoryNames.MatchString(name) || login != "" && !names.MatchString(login) {
			return k, errors.New("its repositoryName is no repository's")
		}
		k.repoOwner, k.repoName = login, name
	}
	if k.login == "" {
		k.login = k.repoOwner
	}
	if k.login == "" && !r.payer.enterprise {
		k.login = r.payer.name
	}
	return k, nil
}

// line returns the cost line of a key.
func (r report) line(k lineKey, i *item) envelope.ResourceEvent {
	payer := r.place.account(r.payer)
	key := r.place.key(r.payer)
	if k.login != "" {
		key = r.place.key(owner{name: k.login})
	}
	account, repo := key.Resource, ""
	if k.repoName != "" && k.repoOwner != "" {
		key = r.place.repo(k.repoOwner, k.repoName)
		repo = k.repoOwner + "/" + k.repoName
	}
	e := envelope.ResourceEvent{
		EventID:   envelope.NewEventID(SourceBilling, k.day, "usage", payer, account, repo+"/"+k.repoName, k.product, k.sku, k.unit, r.centre.id),
		EventType: envelope.TypeCostAccrued, Source: SourceBilling, TS: k.day, PeriodEnd: k.day.Add(day),
		Platform: envelope.PlatformGitHub, AccountID: account, Service: k.product,
		CostAmount: decimal.NewNullDecimal(*i.Net), Currency: currency,
		UsageQuantity: decimal.NewNullDecimal(*i.Quantity), UsageUnit: i.Unit,
	}
	locate(&e, key)
	p := &e.Properties
	p.SetSome("cost_center", r.centre.name)
	p.SetSome("cost_center_id", r.centre.id)
	p.Set("discount_amount", i.Discount.String())
	p.Set("gross_amount", i.Gross.String())
	if off := i.Gross.Sub(*i.Discount).Sub(*i.Net); off.Abs().GreaterThan(cent) {
		p.Set("gross_less_discount_less_net", off.String()) // net is what is billed
	}
	if i.Price != nil {
		p.Set("price_per_unit", i.Price.String())
	}
	p.Set("product", i.Product)
	p.SetSome("repository", k.repoName)
	p.Set("sku", i.SKU)
	if account != payer {
		p.Set(envelope.PropPayerAccount, payer)
	}
	return e
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// dayOf returns the UTC day of a date or a time.
func dayOf(date string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, date); err == nil && !inRange(t).IsZero() {
			return t.UTC().Truncate(day), nil
		}
	}
	return time.Time{}, errors.New("its date is none")
}

// bounded reports whether an amount can be stored, also after sums: it is checked before any arithmetic, which would expand an exponent.
func bounded(d decimal.Decimal) bool {
	const digits = 30
	exponent := int(d.Exponent())
	return exponent >= -digits && exponent <= digits && d.NumDigits()+exponent <= digits
}

// viewed is the answer of a report that splits the money of the usage report another way: a summary, premium requests, AI credits.
type viewed struct {
	Period struct {
		Year  int `json:"year"`
		Month int `json:"month"`
		Day   int `json:"day"`
	} `json:"timePeriod"`
	Items *[]struct {
		Product  string           `json:"product"`
		SKU      string           `json:"sku"`
		Model    string           `json:"model"`
		Unit     string           `json:"unitType"`
		Price    *decimal.Decimal `json:"pricePerUnit"`
		Quantity *decimal.Decimal `json:"grossQuantity"`
		Gross    *decimal.Decimal `json:"grossAmount"`
		Discount *decimal.Decimal `json:"discountAmount"`
		Net      *decimal.Decimal `json:"netAmount"`
	} `json:"usageItems"`
}

// typeCostViewed is the event type of money that other lines state: it counts in no total.
const typeCostViewed = "cost.viewed"

// views returns a line for each item. kind is "usage_summary", "premium_request" or "ai_credit"; filters are what the answer is limited to.
func (r report) views(v viewed, kind string, filters ...string) ([]envelope.ResourceEvent, error) {
	from, to, err := v.days()
	if err != nil {
		return nil, err
	}
	payer := r.place.account(r.payer)
	source := SourceBilling + "." + kind
	var lines []envelope.ResourceEvent
	for n, i := range *v.Items {
		if i.Product == "" || i.Quantity == nil || i.Net == nil || !bounded(*i.Quantity) || !bounded(*i.Net) {
			return nil, fmt.Errorf("usage item %d: it has no product, grossQuantity or netAmount", n+1)
		}
		identity := append([]string{to.Format(time.DateOnly), payer, fold(i.Product), fold(i.SKU), fold(i.Model), fold(i.Unit)}, filters...)
		e := envelope.ResourceEvent{
			EventID: envelope.NewEventID(source, from, identity...), EventType: typeCostViewed, Source: source, TS: from, PeriodEnd: to,
			Platform: envelope.PlatformGitHub, AccountID: payer, Service: fold(i.Product),
			CostAmount: decimal.NewNullDecimal(*i.Net), Currency: currency, UsageQuantity: decimal.NewNullDecimal(*i.Quantity), UsageUnit: i.Unit,
		}
		locate(&e, r.place.key(r.payer))
		for name, amount := range map[string]*decimal.Decimal{"gross_amount": i.Gross, "discount_amount": i.Discount, "price_per_unit": i.Price} {
			if amount != nil && bounded(*amount) {
				e.Properties.Set(name, amount.String())
			}
		}
		e.Properties.SetSome("model", i.Model)
		e.Properties.Set("product", i.Product)
		e.Properties.SetSome("sku", i.SKU)
		lines = append(lines, e)
	}
	return lines, nil
}

// days returns the period of a view: a year, a month or a day.
func (v viewed) days() (from, to time.Time, err error) {
	p := v.Period
	if v.Items == nil || p.Year < 2008 || p.Year > 2200 || p.Month < 0 || p.Month > 12 || p.Day < 0 || p.Day > 31 || p.Month == 0 && p.Day > 0 {
		return from, to, errors.New("it has no usageItems and timePeriod")
	}
	from = time.Date(p.Year, time.Month(cmp.Or(p.Month, 1)), cmp.Or(p.Day, 1), 0, 0, 0, 0, time.UTC)
	switch {
	case p.Day > 0:
		return from, from.AddDate(0, 0, 1), nil
	case p.Month > 0:
		return from, from.AddDate(0, 1, 0), nil
	}
	return from, from.AddDate(1, 0, 0), nil
}
