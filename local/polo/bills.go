package main

import "fmt"

// printMore prints what only bills and recordings have.
func (s ingestSummary) printMore(e *env) error {
	for _, x := range s.Sums {
		if _, err := fmt.Fprintf(e.stdout, "billed in %s: %s %s (%d lines)\n", x.BillingPeriod, x.Cost.String(), x.Currency, x.Lines); err != nil {
			return err
		}
	}
	for _, b := range s.Bills {
		if b.Complete {
			continue
		}
		if _, err := fmt.Fprintf(e.stdout, "the bill of %s of %s is not known to be whole: %s\n", b.Payer, b.BillingPeriod, b.Why); err != nil {
			return err
		}
	}
	for _, why := range sortedKeys(s.Left) {
		if _, err := fmt.Fprintf(e.stdout, "no event: %s: %d\n", why, s.Left[why]); err != nil {
			return err
		}
	}
	return nil
}
