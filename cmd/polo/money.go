package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"

	"polo/internal/cli"
)

// money is what cost lines of a source come to.
type money struct {
	Source   string          `json:"source"`
	Currency string          `json:"currency"`
	Lines    int64           `json:"lines"`
	Cost     decimal.Decimal `json:"cost"`
}

// String is money for a person.
func (m money) String() string {
	return fmt.Sprintf("%s %s of %s (%d lines)", m.Cost, m.Currency, m.Source, m.Lines)
}

const moneyQuery = `SELECT source, currency, delivery = '' AS answers, account_id = '' AS unaccounted, toInt64(count()), toString(sum(ifNull(cost_amount, toDecimal256(0, 38))))
FROM cost_lines FINAL
WHERE event_type = 'cost.accrued' AND observed_at >= fromUnixTimestamp64Milli(?)
GROUP BY source, currency, answers, unaccounted ORDER BY source, currency`

// countMoney asks what the costs that were observed since a time come to: what answers of APIs
// tell, and what names no account.
func (s *ingestSummary) countMoney(ctx context.Context, conn driver.Conn, since time.Time) error {
	if s.Kinds[kindBill]+s.Kinds[kindRecorded] == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, moneyQuery, since.UnixMilli())
	if err != nil {
		return fmt.Errorf("reading back costs: %w", err)
	}
	defer func() { _ = rows.Close() }() // what it has to say comes with Err
	costs := map[[2]string]money{}
	for rows.Next() {
		var m money
		var answers, unaccounted bool
		var cost string
		if err := rows.Scan(&m.Source, &m.Currency, &answers, &unaccounted, &m.Lines, &cost); err != nil {
			return fmt.Errorf("reading back costs: %w", err)
		}
		if m.Cost, err = decimal.NewFromString(cost); err != nil {
			return fmt.Errorf("reading back costs: %w", err)
		}
		if unaccounted {
			s.Unaccounted = append(s.Unaccounted, m)
		}
		if answers {
			key := [2]string{m.Source, m.Currency}
			of := costs[key]
			costs[key] = money{m.Source, m.Currency, of.Lines + m.Lines, of.Cost.Add(m.Cost)}
		}
	}
	for _, key := range sortedPairs(costs) {
		s.Costs = append(s.Costs, costs[key])
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading back costs: %w", err)
	}
	return nil
}

// printMoney tells what answers of APIs come to, and loudly what names no account.
func (s ingestSummary) printMoney(e *env) error {
	for _, m := range s.Costs {
		if _, err := fmt.Fprintln(e.Stdout, "costs: "+m.String()); err != nil {
			return err
		}
	}
	for _, m := range s.Unaccounted {
		if _, err := fmt.Fprintln(e.Stdout, "WARNING: of no account: "+m.String()); err != nil {
			return err
		}
	}
	return nil
}

// unaccounted is the error of costs that name no account.
func (s *ingestSummary) unaccounted() error {
	if len(s.Unaccounted) == 0 {
		return nil
	}
	texts := make([]string, len(s.Unaccounted))
	for i, m := range s.Unaccounted {
		texts[i] = m.String()
	}
	return cli.Incomplete("costs name no account, and count in none: %s; of recorded answers give --account ID, of a bill an export with the account of each line "+
		"(line_item_usage_account_id, SubAccountId), and ingest into a new data directory: here they would count beside these", strings.Join(texts, ", "))
}
