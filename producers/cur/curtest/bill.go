// Package curtest generates bills for tests, as AWS delivers them: CUR 1 in gzipped CSV with its
// manifests, CUR 2.0 in Parquet with the manifest of Data Exports, and FOCUS in CSV. The same
// Bill gives the same bytes; all content is invented.
package curtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"
)

// Bill describes one generated bill, in one delivery or several.
type Bill struct {
	// Report names the report; Payer pays and Accounts use.
	Report   string
	Payer    string
	Accounts []string
	// Month is the billing period's first day.
	Month time.Time
	// Lines is the number of lines, Files the number of files.
	Lines, Files int
	// Change, if set, restates line i, from 0; if it returns false, the line is left out.
	Change func(i int, l *Line) bool
}

// Line is one line of a bill.
type Line struct {
	ID         string
	Account    string
	Start, End time.Time
	// Type is CUR's line item type: Usage, Credit, Tax, ...
	Type, Product, ProductName, UsageType, Operation, Resource, Region string
	// Cost, Blended and List are in US dollars.
	Cost, Blended, List decimal.Decimal
	Quantity            decimal.Decimal
	Unit                string
	// Team and Environment are tags; a line has either, both or none.
	Team, Environment string
	// Exponent writes the cost in the form 1.2E-7, as some bills do.
	Exponent bool
}

// Small returns a bill of one month that tests read quickly.
func Small() Bill {
	return Bill{
		Report: "costs", Payer: "012345678901", Accounts: []string{"012345678901", "000000000042", "123456789012"},
		Month: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Lines: 200, Files: 3,
	}
}

// product is a kind of line.
type product struct{ code, name, usage, operation, resource, unit string }

func products() []product {
	return []product{
		{"AmazonEC2", "Amazon Elastic Compute Cloud", "BoxUsage:m5.large", "RunInstances", "i-%017x", "Hrs"},
		{"AmazonEC2", "Amazon Elastic Compute Cloud", "EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "vol-%017x", "GB-Mo"},
		{"AmazonS3", "Amazon Simple Storage Service", "TimedStorage-ByteHrs", "StandardStorage", "bucket-%d", "GB-Mo"},
		{"AWSLambda", "AWS Lambda", "Lambda-GB-Second", "Invoke", "arn:aws:lambda:eu-west-1:000000000042:function:f%d", "Lambda-GB-Second"},
		{"AmazonRDS", "Amazon Relational Database Service", "InstanceUsage:db.r5.large", "CreateDBInstance:0014", "arn:aws:rds:eu-west-1:000000000042:db:d%d", "Hrs"},
		{"AWSDataTransfer", "AWS Data Transfer", "EUW1-DataTransfer-Out-Bytes", "", "", "GB"},
	}
}

// Line returns line i; false if Change leaves it out.
func (b Bill) Line(i int) (Line, bool) {
	r := rand.New(rand.NewPCG(uint64(i), uint64(len(b.Payer))))
	all := products()
	p := all[r.IntN(len(all))]
	hours := int(b.Month.AddDate(0, 1, 0).Sub(b.Month) / time.Hour)
	start := b.Month.Add(time.Duration(r.IntN(hours)) * time.Hour)
	cost := decimal.New(r.Int64N(1e12), -10)
	l := Line{
		ID: fmt.Sprintf("%016x%016x", r.Uint64(), i), Account: b.Accounts[r.IntN(len(b.Accounts))], Start: start, End: start.Add(time.Hour),
		Type: "Usage", Product: p.code, ProductName: p.name, UsageType: p.usage, Operation: p.operation, Region: "eu-west-1",
		Cost: cost, Blended: cost, List: cost.Add(decimal.New(1, -2)), Quantity: decimal.New(r.Int64N(1e6), -4), Unit: p.unit,
	}
	if p.resource != "" {
		l.Resource = fmt.Sprintf(p.resource, r.IntN(1000))
	}
	switch r.IntN(20) {
	case 0:
		l.Type, l.Cost, l.Blended = "Credit", cost.Neg(), cost.Neg()
	case 1:
		l.Type, l.Cost, l.Blended, l.Exponent = "Usage", decimal.New(r.Int64N(90)+10, -9), decimal.New(1, -8), true
	case 2:
		l.Type, l.UsageType, l.Resource = "Tax", "", ""
	}
	switch r.IntN(3) {
	case 0:
		l.Team = []string{"search", "billing, \"core\"", "data\nplatform"}[r.IntN(3)]
	case 1:
		l.Environment = "prod"
	}
	return l, b.Change == nil || b.Change(i, &l)
}

// Total returns the exact sum of the lines' costs.
func (b Bill) Total() decimal.Decimal {
	var total decimal.Decimal
	_ = b.each(0, b.Lines, func(l Line) error {
		total = total.Add(l.Cost)
		return nil
	})
	return total
}

// Count returns the number of lines in the bill.
func (b Bill) Count() int {
	n := 0
	_ = b.each(0, b.Lines, func(Line) error {
		n++
		return nil
	})
	return n
}

// each calls fn with lines from to to-1, until it fails.
func (b Bill) each(from, to int, fn func(Line) error) error {
	for i := from; i < to; i++ {
		l, ok := b.Line(i)
		if !ok {
			continue
		}
		if err := fn(l); err != nil {
			return err
		}
	}
	return nil
}

// part returns the range of the lines in a file; both numbers count from 0.
func (b Bill) part(file int) (from, to int) {
	files := max(b.Files, 1)
	return b.Lines * file / files, b.Lines * (file + 1) / files
}

func (l Line) cost() string {
	if l.Exponent {
		return fmt.Sprintf("%sE%d", l.Cost.Coefficient(), l.Cost.Exponent())
	}
	return l.Cost.String()
}
