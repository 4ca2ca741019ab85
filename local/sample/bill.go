package sample

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/shopspring/decimal"
)

// report is the name of the organisation's bill.
const report = "organisation"

// billLine is a line of the bill. What it leaves empty is empty in the file.
type billLine struct {
	start, end                                                         time.Time
	account                                                            *account
	line, product, usage, operation, unit, family, region, class, text string
	resource                                                           string
	tags                                                               map[string]string
	quantity, rate, cost, list                                         decimal.Decimal
	plan, reservation                                                  decimal.NullDecimal // effective costs
	committed, used, unused                                            decimal.NullDecimal
}

// commitments of the organisation.
const (
	planARN        = "arn:aws:savingsplans::111122223333:savingsplan/5c1d6c1e-sample"
	reservationARN = "arn:aws:rds:us-east-1:333322225555:ri:billing"
)

// bill writes the bills of all months, in the form of CUR 2.0 that Data Exports deliver as CSV.
func (o *organisation) bill(out *folder) error {
	months := map[time.Time][]billLine{}
	for _, l := range o.lines() {
		m := monthOf(l.start)
		months[m] = append(months[m], l)
	}
	for m := monthOf(o.first); !m.After(o.last); m = m.AddDate(0, 1, 0) {
		if err := o.month(out, m, months[m]); err != nil {
			return err
		}
	}
	return nil
}

func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

// lines returns all lines of all days, in order.
func (o *organisation) lines() []billLine {
	var all []billLine
	for d := o.first; !d.After(o.last); d = d.AddDate(0, 0, 1) {
		negated := map[*account]decimal.Decimal{}
		used := decimal.Zero
		for _, r := range o.resources {
			for _, u := range r.uses {
				l, ok := o.usage(r, u, d)
				if !ok {
					continue
				}
				all = append(all, l)
				if l.plan.Valid {
					negated[r.account], used = negated[r.account].Add(l.cost), used.Add(l.plan.Decimal)
				}
			}
		}
		for i := range o.accounts {
			if a := &o.accounts[i]; negated[a].IsPositive() {
				all = append(all, billLine{
					start: d, end: d.AddDate(0, 0, 1), account: a, line: "SavingsPlanNegation", product: "AmazonEC2", usage: "BoxUsage", text: "SavingsPlanNegation used by compute",
					quantity: decimal.NewFromInt(1), cost: negated[a].Neg(), region: a.regions[0],
				})
			}
		}
		for _, c := range o.charges {
			if !c.day.Equal(d) {
				continue
			}
			cost := decimal.New(c.cents, -2)
			l := billLine{start: d, end: d.AddDate(0, 0, 1), account: c.account, line: c.line, product: c.product, usage: c.usage, text: c.text, quantity: decimal.NewFromInt(1), cost: cost}
			if c.line == "Usage" {
				l.list = cost
			}
			if c.months {
				l.end = d.AddDate(0, 1, 0)
			}
			switch c.line {
			case "SavingsPlanRecurringFee":
				l.committed, l.used = decimal.NewNullDecimal(cost), decimal.NewNullDecimal(used)
			case "RIFee":
				l.region, l.unused = "us-east-1", decimal.NewNullDecimal(decimal.Zero)
			}
			all = append(all, l)
		}
	}
	return append(all, o.taxes(all)...)
}

// taxes returns a line of tax for each account and month: 8% of its costs, on the month's first
// day in the world.
func (o *organisation) taxes(lines []billLine) []billLine {
	type of struct {
		month   time.Time
		account *account
	}
	sums := map[of]decimal.Decimal{}
	for _, l := range lines {
		k := of{monthOf(l.start), l.account}
		sums[k] = sums[k].Add(l.cost)
	}
	var out []billLine
	for m := monthOf(o.first); !m.After(o.last); m = m.AddDate(0, 1, 0) {
		for i := range o.accounts {
			a := &o.accounts[i]
			if tax := sums[of{m, a}].Mul(decimal.New(8, -2)).Round(2); tax.IsPositive() {
				out = append(out, billLine{start: latest(m, o.first), end: m.AddDate(0, 1, 0), account: a, line: "Tax", product: "AmazonEC2", text: "Tax of type Sales", quantity: decimal.NewFromInt(1), cost: tax})
			}
		}
	}
	return out
}

// usage returns the line of a use on a day; false if there is none.
func (o *organisation) usage(r *resource, u use, d time.Time) (billLine, bool) {
	from, until := latest(d, r.from, u.from), d.AddDate(0, 0, 1)
	for _, end := range []time.Time{r.until, u.until} {
		if !end.IsZero() && end.Before(until) {
			until = end
		}
	}
	if u.running && !r.idle.IsZero() && r.idle.Before(until) {
		until = r.idle
	}
	if !from.Before(until) {
		return billLine{}, false
	}
	amount := u.daily * until.Sub(from).Hours() / 24
	if u.busy {
		// A working day's load, less on a weekend, never twice the same.
		amount *= [7]float64{0.55, 1, 1.04, 1.05, 1.02, 0.97, 0.6}[d.Weekday()] * (0.97 + o.rng.Float64()*0.06)
	}
	quantity := decimal.NewFromFloat(amount).Round(6)
	price := decimal.New(u.price, -6)
	cost := quantity.Mul(price)
	l := billLine{
		start: d, end: d.AddDate(0, 0, 1), account: r.account, line: "Usage", product: u.product, usage: prefix(r.region) + u.usage, operation: u.operation, unit: u.unit, family: u.family,
		region: r.region, text: u.family, resource: r.billed(), tags: r.tags, quantity: quantity, rate: price, cost: cost, list: cost,
	}
	if u.running || u.reserved {
		l.class = r.class
	}
	switch {
	case u.covered > 0:
		l.line, l.plan = "SavingsPlanCoveredUsage", decimal.NewNullDecimal(cost.Mul(decimal.New(u.covered, -2)))
	case u.reserved:
		l.line, l.cost, l.reservation = "DiscountedUsage", decimal.Zero, decimal.NewNullDecimal(cost.Mul(decimal.New(65, -2)))
	}
	return l, true
}

// latest returns the last of several times.
func latest(all ...time.Time) (out time.Time) {
	for _, t := range all {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// prefix is what usage types of a region begin with.
func prefix(region string) string {
	return map[string]string{"us-west-2": "USW2-", "eu-west-1": "EUW1-"}[region]
}

// month writes the delivery of a month.
func (o *organisation) month(out *folder, m time.Time, lines []billLine) error {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	if err := w.Write([]string{
		"bill_bill_type", "bill_billing_entity", "bill_billing_period_end_date", "bill_billing_period_start_date", "bill_invoice_id", "bill_invoicing_entity", "bill_payer_account_id",
		"bill_payer_account_name", "identity_line_item_id", "identity_time_interval", "line_item_currency_code", "line_item_line_item_description", "line_item_line_item_type",
		"line_item_operation", "line_item_product_code", "line_item_resource_id", "line_item_tax_type", "line_item_unblended_cost", "line_item_unblended_rate",
		"line_item_usage_account_id", "line_item_usage_account_name", "line_item_usage_amount", "line_item_usage_end_date", "line_item_usage_start_date", "line_item_usage_type",
		"pricing_public_on_demand_cost", "pricing_term", "pricing_unit", "product", "product_instance_type", "product_product_family", "product_region_code",
		"reservation_effective_cost", "reservation_reservation_a_r_n", "reservation_unused_amortized_upfront_fee_for_billing_period", "reservation_unused_recurring_fee", "resource_tags",
		"savings_plan_savings_plan_a_r_n", "savings_plan_savings_plan_effective_cost", "savings_plan_total_commitment_to_date", "savings_plan_used_commitment",
	}); err != nil {
		return err
	}
	payer, until := o.account("management"), m.AddDate(0, 1, 0)
	invoice := fmt.Sprintf("%d", 1_700_000_000+m.Year()*100+int(m.Month()))
	if m.Equal(monthOf(o.last)) {
		invoice = "" // it is not over, and what it costs is an estimate
	}
	for _, l := range lines {
		interval := stamp(l.start) + "/" + stamp(l.end)
		tax, term, plan, reservation := "", "", "", ""
		switch l.line {
		case "Tax":
			tax = "Sales"
		case "Usage":
			term = "OnDemand"
		case "SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "SavingsPlanNegation":
			plan = planARN
		case "DiscountedUsage", "RIFee":
			term, reservation = "Reserved", reservationARN
		}
		if err := w.Write([]string{
			"Anniversary", "AWS", stamp(until), stamp(m), invoice, "Amazon Web Services, Inc.", payer.id,
			payer.name, o.lineID(), interval, "USD", l.text, l.line,
			l.operation, l.product, l.resource, tax, l.cost.String(), some(l.rate),
			l.account.id, l.account.name, l.quantity.String(), stamp(l.end), stamp(l.start), l.usage,
			some(l.list), term, l.unit, jsonText(map[string]string{"product_name": productNames[l.product]}), l.class, l.family, l.region,
			null(l.reservation), reservation, null(l.unused), null(l.unused), jsonText(userTags(l.tags)),
			plan, null(l.plan), null(l.committed), null(l.used),
		}); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	period, execution := "BILLING_PERIOD="+m.Format("2006-01"), o.uuid()
	key := filepath.Join("bills", report, "data", period, execution, report+"-00001.csv")
	manifest, err := json.MarshalIndent(object{
		"exportArn": "arn:aws:bcm-data-exports:us-east-1:" + payer.id + ":export/" + report, "exportName": report, "executionId": execution,
		"contentType": "text/csv", "compression": "GZIP", "dataFiles": []string{"s3://polo-sample-bills/" + filepath.ToSlash(key) + out.ending()},
		"billingPeriod": object{"start": stamp(m), "end": stamp(until)},
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := out.write(key, text.Bytes()); err != nil {
		return err
	}
	return out.writePlain(filepath.Join("bills", report, "metadata", period, execution, report+"-Manifest.json"), manifest)
}

// lineID returns the id of a line.
func (o *organisation) lineID() string {
	return fmt.Sprintf("%016x%016x", o.rng.Uint64(), o.rng.Uint64())
}

// productNames are the names of products, by code.
var productNames = map[string]string{
	"AmazonEC2": "Amazon Elastic Compute Cloud", "AmazonS3": "Amazon Simple Storage Service", "AmazonRDS": "Amazon Relational Database Service", "AWSLambda": "AWS Lambda",
	"AWSELB": "Elastic Load Balancing", "AmazonCloudWatch": "AmazonCloudWatch", "AmazonGuardDuty": "Amazon GuardDuty", "ComputeSavingsPlans": "Savings Plans for AWS Compute usage",
	"AWSSupportBusiness": "AWS Support (Business)",
}

// userTags returns tags as CUR 2.0 spells them.
func userTags(tags map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range tags {
		out["user_"+k] = v
	}
	return out
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of text always encode
	}
	return string(text)
}

func some(d decimal.Decimal) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func null(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}
