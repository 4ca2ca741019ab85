package costexplorer

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// NoCurrency is the currency of amounts that name none: ISO 4217's code for it.
const NoCurrency = "XXX"

var (
	errPeriod = errors.New("a period that ends before it begins")
	errTime   = errors.New("neither a day nor a time")
	errNoCost = errors.New("no metric that is a cost")
)

// costMetrics returns the metrics that are money, the billed one first, and the properties for
// those that are not the line's cost.
func costMetrics() [5][2]string {
	return [...][2]string{
		{"unblendedcost", "unblended_cost"},
		{"netunblendedcost", "net_unblended_cost"},
		{"blendedcost", "blended_cost"},
		{"amortizedcost", "effective_cost"},
		{"netamortizedcost", "net_effective_cost"},
	}
}

const (
	metricQuantity   = "usagequantity"
	metricNormalized = "normalizedusageamount"
)

// plain returns the same text for a metric's name in a request ("UNBLENDED_COST") and in an
// answer ("UnblendedCost").
func plain(metric string) string { return strings.ToLower(strings.ReplaceAll(metric, "_", "")) }

func isCost(metric string) bool {
	name := plain(metric)
	for _, c := range costMetrics() {
		if name == c[0] {
			return true
		}
	}
	return false
}

// noUnit is the API's unit of sums with several units.
const noUnit = "N/A"

// amounts sets the cost and the usage of a line. fallback is the currency of amounts that have
// none.
func amounts(e *envelope.ResourceEvent, metrics map[string]amount, fallback string) error {
	byName := make(map[string]amount, len(metrics))
	for name, a := range metrics {
		byName[plain(name)] = a
	}
	e.Currency = fallback
	for _, c := range costMetrics() {
		a, ok := byName[c[0]]
		if !ok {
			continue
		}
		v, err := envelope.ParseAmount(string(a.Amount))
		if err != nil {
			return &amountError{c[1], err}
		}
		if e.CostAmount.Valid {
			e.Properties.Set(c[1], v.String())
			continue
		}
		e.CostAmount = decimal.NewNullDecimal(v)
		if c[1] != "unblended_cost" {
			e.Properties.Set("cost_metric", c[1])
		}
		if code, ok := envelope.ParseCurrency(a.Unit); ok {
			e.Currency = code
		} else if a.Unit != "" && a.Unit != noUnit {
			e.Currency = NoCurrency
			e.Properties.Set("billing_currency", a.Unit)
		}
	}
	if !e.CostAmount.Valid {
		return errNoCost
	}
	return usage(e, byName)
}

func usage(e *envelope.ResourceEvent, byName map[string]amount) error {
	if a, ok := byName[metricQuantity]; ok {
		v, err := envelope.ParseAmount(string(a.Amount))
		if err != nil {
			return &amountError{"usage_quantity", err}
		}
		e.UsageQuantity = decimal.NewNullDecimal(v)
		if a.Unit != noUnit {
			e.UsageUnit = a.Unit
		}
	}
	if a, ok := byName[metricNormalized]; ok {
		v, err := envelope.ParseAmount(string(a.Amount))
		if err != nil {
			return &amountError{"normalized_usage_amount", err}
		}
		e.Properties.Set("normalized_usage_amount", v.String())
	}
	return nil
}

// amountError means that an amount is not a number. It does not contain the text.
type amountError struct {
	metric string
	err    error
}

func (e *amountError) Error() string { return e.metric + ": " + e.err.Error() }
func (e *amountError) Unwrap() error { return e.err }
