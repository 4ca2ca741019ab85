package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"

	"polo/internal/cli"
	"polo/producers/cur"
)

// billAmount identifies a bill's amount in one currency.
type billAmount struct{ delivery, currency string }

// billed is the lines of an amount and their sum.
type billed struct {
	lines uint64
	cost  decimal.Decimal
}

// landedBills reads the amounts of bills in ClickHouse.
func landedBills(ctx context.Context, conn driver.Conn, bills []cur.BillSummary) (map[billAmount]billed, error) {
	deliveries := make([]string, len(bills))
	for i, b := range bills {
		deliveries[i] = b.Delivery
	}
	rows, err := conn.Query(ctx, `SELECT delivery, currency, count(), toString(sum(ifNull(cost_amount, toDecimal256(0, 38))))
FROM cost_lines FINAL
WHERE event_type = 'cost.accrued' AND delivery IN (?)
GROUP BY delivery, currency`, deliveries)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	landed := map[billAmount]billed{}
	for rows.Next() {
		var k billAmount
		var a billed
		var cost string
		if err := rows.Scan(&k.delivery, &k.currency, &a.lines, &cost); err != nil {
			return nil, err
		}
		if a.cost, err = decimal.NewFromString(cost); err != nil {
			return nil, err
		}
		landed[k] = a
	}
	return landed, rows.Err()
}

// reconcile compares the lines and sums read from each bill's delivery with those in ClickHouse. It
// returns an error for differences: a missing amount was not inserted, whatever else is reported.
func reconcile(ctx context.Context, conn driver.Conn, bills []cur.BillSummary) error {
	if len(bills) == 0 {
		return nil
	}
	landed, err := landedBills(ctx, conn, bills)
	if err != nil {
		return fmt.Errorf("reading back bills: %w", err)
	}
	var faults []string
	for _, b := range bills {
		for _, read := range b.Amounts {
			k := billAmount{b.Delivery, read.Currency}
			have := landed[k]
			delete(landed, k)
			if have.lines != uint64(read.Lines) || !have.cost.Equal(read.Cost) {
				faults = append(faults, fmt.Sprintf("the bill of %s of %s: %d lines of %s %s read, %d lines of %s %s in ClickHouse",
					b.Payer, b.BillingPeriod, read.Lines, read.Cost, read.Currency, have.lines, have.cost, read.Currency))
			}
		}
	}
	for k, have := range landed {
		faults = append(faults, fmt.Sprintf("delivery %s: %d lines of %s %s in ClickHouse that were not read", k.delivery, have.lines, have.cost, k.currency))
	}
	if len(faults) > 0 {
		return cli.Incomplete("the bills read differ from those in ClickHouse:\n  %s\nlook for their events in the failures (dlq-replay list), or ingest again", strings.Join(faults, "\n  "))
	}
	return nil
}
