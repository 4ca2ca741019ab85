package cur

import "github.com/shopspring/decimal"

// effective returns the amortised cost of a CUR line, as AWS defines it. Use that a commitment
// covers costs the commitment's price. The commitment's own fee costs its unused part. Upfront
// payments and negations count as zero. net selects the costs after discounts. The result is not
// valid if the bill lacks a needed column.
//
// Source: AWS, "Understanding your amortized reservation data" and "Understanding Savings Plans",
// of the Cost and Usage Reports user guide.
func effective(a *amounts, kind string, net bool) decimal.NullDecimal {
	pick := func(gross, after field) field {
		if net {
			return after
		}
		return gross
	}
	zero := decimal.NullDecimal{Valid: true}
	cost := pick(fCost, fNetCost)
	switch kind {
	case "SavingsPlanCoveredUsage":
		return a.of(pick(fPlanCost, fPlanNetCost))
	case "SavingsPlanRecurringFee":
		return minus(a.of(pick(fPlanCommitted, fPlanNetCommitted)), a.of(pick(fPlanUsed, fPlanNetUsed)))
	case "SavingsPlanNegation", "SavingsPlanUpfrontFee":
		return zero
	case "DiscountedUsage":
		return a.of(pick(fReservationCost, fReservationNetCost))
	case "RIFee":
		return plus(a.of(pick(fReservationUnusedUpfront, fReservationNetUnusedUpfront)), a.of(pick(fReservationUnusedRecurring, fReservationNetUnusedRecurring)))
	case "Fee":
		if a.layout.value(a.row, fReservationARN) != "" {
			return zero
		}
	}
	return a.of(cost)
}
