package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/envelope"
	"polo/producers/cur"
)

// replaced is what a bill that was read did to the delivery that counted before.
type replaced struct {
	Source        string `json:"source"`
	Payer         string `json:"payer"`
	BillingPeriod string `json:"billing_period"`
	ReportAccount string `json:"report_account,omitempty"`
	// Delivery is the one that counted before, Lines are its lines, and ReadAt is when it was read.
	Delivery string    `json:"delivery"`
	Lines    uint64    `json:"lines"`
	ReadAt   time.Time `json:"read_at"`
	// Kept means that it counts still, because it is whole and the one that was read is not.
	Kept bool `json:"kept,omitempty"`

	by int64 // the lines of the one that was read
}

// replacedBy returns what the bills replaced. It reads the ends of deliveries, which are few.
func replacedBy(ctx context.Context, conn driver.Conn, bills []cur.BillSummary) ([]replaced, error) {
	var all []replaced
	for _, b := range bills {
		before, err := replacedByOne(ctx, conn, b)
		if err != nil {
			return nil, fmt.Errorf("reading the deliveries of the bill of %s for %s: %w", b.Payer, b.BillingPeriod, err)
		}
		if before != nil {
			all = append(all, *before)
		}
	}
	return all, nil
}

func replacedByOne(ctx context.Context, conn driver.Conn, b cur.BillSummary) (_ *replaced, err error) {
	rows, err := conn.Query(ctx, `SELECT delivery, event_type = ? AS whole, ifNull(events, 0), observed_at
FROM scans FINAL
WHERE event_type IN (?, ?) AND source = ? AND account_id = ? AND report_account = ? AND toDate32(ts) = toDate32(?) AND delivery != ''
ORDER BY whole DESC, observed_at DESC, delivery DESC`,
		envelope.TypeScanCompleted, envelope.TypeScanCompleted, envelope.TypeScanIncomplete, b.Source, b.Payer, b.ReportAccount, b.BillingPeriod)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var ends []replaced
	var own time.Time
	whole := map[string]bool{}
	for rows.Next() {
		r := replaced{Source: b.Source, Payer: b.Payer, BillingPeriod: b.BillingPeriod, ReportAccount: b.ReportAccount, by: b.Lines}
		var isWhole bool
		if err := rows.Scan(&r.Delivery, &isWhole, &r.Lines, &r.ReadAt); err != nil {
			return nil, err
		}
		if r.Delivery == b.Delivery {
			own = r.ReadAt
			continue
		}
		whole[r.Delivery] = isWhole
		ends = append(ends, r)
	}
	for _, r := range ends { // the first that is older is the one that counted
		if r.ReadAt.Before(own) {
			r.Kept = whole[r.Delivery] && !b.Complete
			return &r, rows.Err()
		}
	}
	return nil, rows.Err()
}

func (r replaced) String() string {
	bill := fmt.Sprintf("the bill of %s for %s", cmp.Or(r.Payer, "a payer that it does not name"), r.BillingPeriod)
	at := r.ReadAt.UTC().Format("2006-01-02 15:04:05Z")
	if r.Kept {
		return fmt.Sprintf("%s: the delivery read at %s still counts (lines: %d), because this one is not whole", bill, at, r.Lines)
	}
	return fmt.Sprintf("%s replaces the delivery read at %s (lines before: %d, now: %d); if both are parts of one bill, put its files into one folder and ingest that",
		bill, at, r.Lines, r.by)
}
