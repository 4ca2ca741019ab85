package main

import (
	"cmp"
	"fmt"
	"strings"
)

// shownColumns bounds the unknown columns that are named to a person.
const shownColumns = 8

// printBills prints the part of a summary that only bills have.
func (s ingestSummary) printBills(e *env) error {
	for _, x := range s.Sums {
		if _, err := fmt.Fprintf(e.Stdout, "billed in %s: %s %s (%d lines)\n", x.BillingPeriod, x.Cost.String(), x.Currency, x.Lines); err != nil {
			return err
		}
	}
	for _, b := range s.Bills {
		if b.Complete {
			continue
		}
		if _, err := fmt.Fprintf(e.Stdout, "the bill of %s for %s is partial: %s\n", cmp.Or(b.Payer, "a payer that it does not name"), b.BillingPeriod, b.Why); err != nil {
			return err
		}
	}
	for _, r := range s.Replaced {
		if _, err := fmt.Fprintln(e.Stdout, r); err != nil {
			return err
		}
	}
	if len(s.UnknownColumns) > 0 {
		names := sortedKeys(s.UnknownColumns)
		more := ""
		if n := len(names) - shownColumns; n > 0 {
			names, more = names[:shownColumns], fmt.Sprintf(" and %d more (--json has all)", n)
		}
		if _, err := fmt.Fprintf(e.Stdout, "%d unknown columns of bills become properties: %s%s\n", len(s.UnknownColumns), strings.Join(names, ", "), more); err != nil {
			return err
		}
	}
	if s.CostViews > 0 {
		if _, err := fmt.Fprintf(e.Stdout, "views of Cost Explorer, which repeat other costs: %d lines\n", s.CostViews); err != nil {
			return err
		}
	}
	if s.CostUncounted > 0 {
		if _, err := fmt.Fprintf(e.Stdout, "not counted: %d of them are for periods without an answer by day; record the same time with --granularity DAILY\n", s.CostUncounted); err != nil {
			return err
		}
	}
	return nil
}
