package cur

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/producers"
)

// normaliser makes events of a delivery's rows, in their order.
type normaliser struct {
	identity identity
	moments  moments
	maps     map[mapText]envelope.Pairs
	sorted   map[mapText]sortedTags
	layout   *layout
	unknown  []int
	// currency and period are what a file means that does not say.
	currency string
	period   period
	// reportAccount is the account that the delivery is the report of, "" if not known.
	reportAccount string
}

// mapText is the text of a map, whose keys are read by its field.
type mapText struct {
	field field
	text  string
}

// NoCurrency is the currency of lines whose file names none, ISO 4217's code for it.
const NoCurrency = "XXX"

// line is what a row says.
type line struct {
	event    envelope.ResourceEvent
	bill     billKey
	delivery string // the bill's
	labels   sortedTags
	// effective is the amortised cost, where the bill tells it.
	effective decimal.NullDecimal
	// unread are the columns, by their names, whose values could not be read.
	unread []string
	// unknown are the columns that are not known and have a value, as indexes of the
	// layout's. They are valid until the next line is made.
	unknown []int
}

// rowError lists what a row lacks to be a line, by column, without any value.
type rowError struct{ faults []string }

func (e *rowError) Error() string { return strings.Join(e.faults, "; ") }

// line makes the event of a row. The error is a *rowError; the bill is right as far as
// the row tells it.
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

// required is the time of a field that a line cannot do without.
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

// interval is the time interval of a CUR: two times with a slash between.
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

// billOf is the bill that a row is of: the file's own words, else the delivery's period,
// else the month of the line's beginning.
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

// reportOf is the account whose report tells the bill, where that is not the payer: a
// member of an organisation may have a report of its own, which holds its part of the
// payer's bill.
func (n *normaliser) reportOf(k billKey) string {
	if n.reportAccount == k.payer {
		return ""
	}
	return n.reportAccount
}

// describe says what the cost is of.
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

// properties are what the event has no field for.
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
		// Money of no currency, such as tokens, is not that of a file which names none.
		e.Currency = NoCurrency
		p.Set("billing_currency", text)
	}
	if unit := l.value(r, fPricingUnit); unit != e.UsageUnit {
		p.SetSome("pricing_unit", unit)
	}
	p.SetSome("cost_categories", n.categories(r, out))
	p.SetSome("account_tags", someMap(out.labels.account))
	p.SetSome("user_attributes", someMap(out.labels.user))
	p.SetSome("principal_tags", someMap(out.labels.principal))
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

// tags are the tags of the line, the resource's own apart from the others.
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

// sortedOf sorts the one map of all tags. What it returns is shared and must not be
// written to.
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
	return someMap(pairs)
}

// productKey is the property of a product's attribute, as that of a column
// product/ATTRIBUTE.
func productKey(attribute string) string {
	switch attribute {
	case "instance_type", "product_family", "product_name", "sku", "location":
		return attribute
	}
	return "product_" + attribute
}

// maxMaps bounds what is remembered of maps: the same tags come again and again.
const maxMaps = 2048

// mapOf reads a map, which is shared and must not be written to.
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
