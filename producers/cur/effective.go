package cur

import "github.com/shopspring/decimal"

// effective is what a line of a CUR costs with commitments spread over what they were
// used for, as AWS's amortised cost has it: use that a commitment covers counts at the
// commitment's price, the commitment's own fee with what was not used of it, and what was
// paid in advance or taken back not at all. net tells of costs after discounts. It is
// not valid where the bill does not say what is needed.
//
// Source: AWS, "Understanding your amortized reservation data" and "Understanding Savings
// Plans", of the Cost and Usage Reports user guide.
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
