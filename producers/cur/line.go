package cur

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/producers"
)

// normaliser turns a delivery's rows into events, in order.
type normaliser struct {
	identity identity
	moments  moments
	maps     map[mapText]envelope.Pairs
	sorted   map[mapText]sortedTags
	layout   *layout
	unknown  []int
	// currency and period apply to a file that does not state them.
	currency string
	period   period
	// reportAccount is the account whose report the delivery belongs to, "" if unknown.
	reportAccount string
}

// mapText is the text of a map; field decides how its keys are parsed.
type mapText struct {
	field field
	text  string
}

// NoCurrency is the currency of lines whose file names none: ISO 4217's code for it.
const NoCurrency = "XXX"

// line is a parsed row.
type line struct {
	event    envelope.ResourceEvent
	bill     billKey
	delivery string // the bill's delivery id
	labels   sortedTags
	// effective is the amortised cost, if the bill has it.
	effective decimal.NullDecimal
	// unread are the names of the columns whose values could not be read.
	unread []string
	// unknown are the unknown columns with a value, as indexes into layout.unknown. Valid until
	// the next line.
	unknown []int
}

// rowError lists, by column, why a row is not a line. It holds no value.
type rowError struct{ faults []string }

func (e *rowError) Error() string { return strings.Join(e.faults, "; ") }

// line returns the event of a row. The error is a *rowError; the bill is set as far as the row
// states it, and so is the event's account.
func (n *normaliser) line(r *row) (line, error) {
	l := n.layout
	a := amounts{layout: l, row: r}
	var out line
	var bad rowError
	start := n.required(r, &bad, fStart)
	end, endUnread := n.optional(r, fEnd)
	interval, intervalEnd := n.interval(r)
	if l.slots[fStart] < 0 || l.value(r, fStart) == "" && !interval.IsZero() {
		start, end, bad = interval, intervalEnd, rowError{}
	}
	if start.IsZero() && len(bad.faults) == 0 {
		bad.faults = append(bad.faults, l.name(fStart)+": missing")
	}
	cost := a.of(fCost)
	if !cost.Valid {
		bad.faults = append(bad.faults, l.name(fCost)+": "+missingOr(l.value(r, fCost), "not a number"))
	}
	source, faults := n.sourceOf(r), len(bad.faults)
	account, payer := n.account(r, fAccount, source, &bad), n.account(r, fPayer, source, &bad)
	if account == "" {
		account = payer
	}
	if len(bad.faults) == faults {
		out.bill = n.billOf(r, start, source, orElse(payer, account))
	}
	if len(bad.faults) > 0 {
		out.event.AccountID = account
		return out, &bad
	}
	if endUnread || end.Before(start) {
		if !end.IsZero() || endUnread {
			out.unread = append(out.unread, l.name(fEnd))
		}
		end = time.Time{}
	}
	e := &out.event
	*e = envelope.ResourceEvent{
		EventType: envelope.TypeCostAccrued, Source: source, Platform: producers.PlatformOf(source), TS: start, PeriodEnd: end,
		AccountID: account, CostAmount: cost, Currency: n.currency,
	}
	if code, ok := envelope.ParseCurrency(l.value(r, fCurrency)); ok {
		e.Currency = code
	}
	out.unread = append(out.unread, l.unread...)
	n.describe(r, &a, &out)
	out.delivery = n.identity.delivery(out.bill)
	e.EventID = n.identity.line(source, start, out.delivery, r)
	n.properties(r, &a, &out)
	return out, nil
}

// required returns the time in a field that every line needs.
func (n *normaliser) required(r *row, bad *rowError, f field) time.Time {
	text := n.layout.value(r, f)
	t, err := n.moments.parse(text)
	if text == "" || err != nil {
		bad.faults = append(bad.faults, n.layout.name(f)+": "+missingOr(text, errMoment.Error()))
		return time.Time{}
	}
	return t
}

func missingOr(text, problem string) string {
	if text == "" {
		return "missing"
	}
	return problem
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func (n *normaliser) optional(r *row, f field) (t time.Time, unread bool) {
	text := n.layout.value(r, f)
	if text == "" {
		return time.Time{}, false
	}
	t, err := n.moments.parse(text)
	return t, err != nil
}

// interval returns the two times of a CUR's time interval, which are separated by a slash.
func (n *normaliser) interval(r *row) (from, to time.Time) {
	a, b, found := strings.Cut(n.layout.value(r, fTimeInterval), "/")
	if !found {
		return time.Time{}, time.Time{}
	}
	from, err := n.moments.parse(a)
	if err != nil {
		return time.Time{}, time.Time{}
	}
	to, err = n.moments.parse(b)
	if err != nil {
		to = time.Time{}
	}
	return from, to
}

// billOf returns a row's bill. The period is the row's own, else the delivery's, else the month
// of the line's start.
func (n *normaliser) billOf(r *row, start time.Time, source, payer string) billKey {
	k := billKey{source: source, payer: payer}
	k.start, _ = n.optional(r, fPeriodStart)
	k.end, _ = n.optional(r, fPeriodEnd)
	switch {
	case k.start.IsZero() && n.period.known():
		k.start, k.end = n.period.start, n.period.end
	case k.start.IsZero() && !start.IsZero():
		k.start, k.end = monthOf(start), nextMonth(start)
	case k.start.IsZero():
	case !k.start.Before(k.end):
		k.end = nextMonth(k.start)
	}
	return k
}

// reportOf returns the account whose report contains the bill, "" if it is the payer: a member
// account may have its own report, with its part of the payer's bill.
func (n *normaliser) reportOf(k billKey) string {
	if n.reportAccount == k.payer {
		return ""
	}
	return n.reportAccount
}

// describe sets the event fields that say what the cost is for.
func (n *normaliser) describe(r *row, a *amounts, out *line) {
	l, e := n.layout, &out.event
	out.labels = n.tags(r, out)
	e.Tags = out.labels.tags
	product := n.mapOf(r, fProduct, out)
	e.Region = regionOf(
		orElse(l.value(r, fRegionCode), orElse(l.value(r, fRegion), orElse(product.Get("product_region_code"), product.Get("product_region")))),
		l.value(r, fZone), orElse(l.value(r, fLocation), product.Get("location")),
	)
	e.Service = serviceOf(l.value(r, fProductCode), orElse(l.value(r, fProductName), product.Get("product_name")))
	if e.UsageQuantity = a.of(fQuantity); e.UsageQuantity.Valid {
		e.UsageUnit = orElse(l.value(r, fQuantityUnit), l.value(r, fPricingUnit))
	} else if e.UsageQuantity = a.of(fPricingQuantity); e.UsageQuantity.Valid {
		e.UsageUnit = l.value(r, fPricingUnit)
	}
	e.ResourceName = orElse(l.value(r, fResourceName), e.Tags.Get("Name"))
	resource(e, l.value(r, fResourceID))
}

// properties sets the values that the event has no field for.
func (n *normaliser) properties(r *row, a *amounts, out *line) {
	l, e := n.layout, &out.event
	p := make(envelope.Pairs, 0, 24)
	size := 0
	n.unknown = n.unknown[:0]
	for _, s := range l.properties {
		v := r.values[s.slot]
		if v == "" {
			continue
		}
		switch {
		case s.unknown > 0 && !unknownValue(v, size):
			out.unread = append(out.unread, l.names[s.slot])
			continue
		case s.unknown > 0:
			size += len(v)
			n.unknown = append(n.unknown, s.unknown-1)
		case s.form == formAmount:
			v = a.text(s.field)
		}
		if v != "" {
			p = append(p, envelope.Pair{Key: s.key, Value: v})
		}
	}
	out.unknown = n.unknown
	if l.kind == kindCUR {
		kind := l.value(r, fLineType)
		out.effective = effective(a, kind, false)
		setAmount(&p, "effective_cost", out.effective)
		if l.slots[fNetCost] >= 0 {
			setAmount(&p, "net_effective_cost", effective(a, kind, true))
		}
	} else {
		out.effective = a.of(fEffectiveCost)
	}
	for _, attribute := range n.mapOf(r, fProduct, out) {
		if !p.Has(attribute.Key) {
			p.Set(attribute.Key, attribute.Value)
		}
	}
	if text := l.value(r, fCurrency); text != "" && !strings.EqualFold(text, e.Currency) {
		// A unit that is not a currency, such as tokens, must not become the file's default
		// currency.
		e.Currency = NoCurrency
		p.Set("billing_currency", text)
	}
	if unit := l.value(r, fPricingUnit); unit != e.UsageUnit {
		p.SetSome("pricing_unit", unit)
	}
	p.SetSome("cost_categories", n.categories(r, out))
	p.SetSome("account_tags", mapJSON(out.labels.account))
	p.SetSome("user_attributes", mapJSON(out.labels.user))
	p.SetSome("principal_tags", mapJSON(out.labels.principal))
	if l.slots[fInvoiceID] >= 0 && l.value(r, fInvoiceID) == "" {
		// A bill has no invoice until it is final.
		p.Set("estimated", "true")
	}
	if from, to := n.interval(r); !from.IsZero() && (!from.Equal(e.TS) || !to.Equal(e.PeriodEnd)) {
		p.Set("time_interval", l.value(r, fTimeInterval))
	}
	p.Set(envelope.PropBillingPeriod, out.bill.start.Format(time.DateOnly))
	p.Set(envelope.PropDelivery, out.delivery)
	p.SetSome(envelope.PropReportAccount, n.reportOf(out.bill))
	if out.bill.payer != e.AccountID {
		p.SetSome(envelope.PropPayerAccount, out.bill.payer)
	}
	for _, f := range a.unread {
		out.unread = append(out.unread, l.name(f))
	}
	p.SetSome("unread", strings.Join(out.unread, ", "))
	e.Properties = p
}

func setAmount(p *envelope.Pairs, key string, d decimal.NullDecimal) {
	if d.Valid {
		p.Set(key, d.Decimal.String())
	}
}

// tags returns the tags of the line, the resource's own apart from the others.
func (n *normaliser) tags(r *row, out *line) sortedTags {
	all := n.sortedOf(r, out)
	own := n.mapOf(r, fResourceTags, out)
	if len(all.tags)+len(own) > 0 {
		all.tags = append(make(envelope.Pairs, 0, len(all.tags)+len(own)+len(n.layout.tags)), all.tags...)
	}
	for _, t := range own {
		if !all.tags.Has(t.Key) {
			all.tags.Set(t.Key, t.Value)
		}
	}
	for _, t := range n.layout.tags {
		if v := r.values[t.slot]; v != "" {
			all.tags.Set(t.key, v)
		}
	}
	return all
}

// sortedOf returns the sorted tags of CUR 2.0 or FOCUS. The result is shared and must not be
// changed.
func (n *normaliser) sortedOf(r *row, out *line) sortedTags {
	pairs := n.mapOf(r, fTags, out)
	if len(pairs) == 0 {
		return sortedTags{}
	}
	key := mapText{fTags, n.layout.value(r, fTags)}
	if s, ok := n.sorted[key]; ok {
		return s
	}
	s := sortTags(pairs, n.layout.kind)
	if n.sorted == nil || len(n.sorted) >= maxMaps {
		n.sorted = make(map[mapText]sortedTags)
	}
	key.text = strings.Clone(key.text)
	n.sorted[key] = s
	return s
}

func (n *normaliser) categories(r *row, out *line) string {
	pairs := n.mapOf(r, fCostCategories, out)
	if len(n.layout.categories) > 0 || len(out.labels.categories) > 0 {
		pairs = append(envelope.Pairs(nil), pairs...)
		for _, c := range out.labels.categories {
			pairs.Set(c.Key, c.Value)
		}
		for _, c := range n.layout.categories {
			pairs.SetSome(c.key, r.values[c.slot])
		}
	}
	return mapJSON(pairs)
}

// productKey returns the property of a product's attribute, the same as for a column
// product/ATTRIBUTE.
func productKey(attribute string) string {
	switch attribute {
	case "instance_type", "product_family", "product_name", "sku", "location":
		return attribute
	}
	return "product_" + attribute
}

// maxMaps bounds the cache of maps: the same tags occur again and again.
const maxMaps = 2048

// mapOf parses a map. The result is shared and must not be changed.
func (n *normaliser) mapOf(r *row, f field, out *line) envelope.Pairs {
	text := n.layout.value(r, f)
	if text == "" || text == "{}" {
		return nil
	}
	key := func(k string) string { return k }
	switch {
	case f == fProduct:
		key = productKey
	case f == fResourceTags && n.layout.kind == kindCUR:
		key = tagKey
	}
	if pairs, ok := n.maps[mapText{f, text}]; ok {
		return pairs
	}
	pairs, err := parseMap(text, key)
	if err != nil {
		if name := n.layout.name(f); len(out.unread) == 0 || out.unread[len(out.unread)-1] != name {
			out.unread = append(out.unread, name)
		}
		return nil
	}
	if n.maps == nil || len(n.maps) >= maxMaps {
		n.maps = make(map[mapText]envelope.Pairs)
	}
	n.maps[mapText{f, strings.Clone(text)}] = pairs
	return pairs
}
