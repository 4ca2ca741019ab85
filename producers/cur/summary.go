package cur

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/internal/queue"
)

// Summary counts what a collection read and published.
type Summary struct {
	// Files counts the files read; Skipped lists the others.
	Files   int       `json:"files"`
	Skipped []Skipped `json:"skipped,omitempty"`
	// Lines counts the rows read, Events the rows that became an event, Elsewhere the rows that
	// were skipped because their bill is read from another report.
	Lines     int64 `json:"lines"`
	Events    int64 `json:"events"`
	Elsewhere int64 `json:"elsewhere,omitempty"`
	// Repeated counts the rows that occurred in an earlier file, by line id, in files that no
	// manifest names.
	Repeated int64 `json:"repeated,omitempty"`
	// Rejected counts rows, files and rests of files that were rejected, by reason.
	Rejected map[queue.Reason]int64 `json:"rejected,omitempty"`
	// Unread counts the values that could not be read, by column.
	Unread map[string]int64 `json:"unread,omitempty"`
	// UnknownColumns are the unknown columns, by name; each becomes a property.
	UnknownColumns map[string]UnknownColumn `json:"unknown_columns,omitempty"`

	Bills []BillSummary `json:"bills,omitempty"`
	Sums  []Sum         `json:"sums,omitempty"`
}

// BillSummary says how far one delivery of a bill was read.
type BillSummary struct {
	Source string `json:"source"`
	Payer  string `json:"payer"`
	// BillingPeriod is its first day.
	BillingPeriod string `json:"billing_period"`
	// ReportAccount is the account whose report it is, if not the payer.
	ReportAccount string `json:"report_account,omitempty"`
	// Delivery is the lines' property of that name.
	Delivery string `json:"delivery"`
	Lines    int64  `json:"lines"`
	// Amounts are the sums of its lines, by currency.
	Amounts []Amount `json:"amounts,omitempty"`
	// Complete means that the bill now counts from this delivery alone; if not, Why says what is
	// wrong.
	Complete bool   `json:"complete"`
	Why      string `json:"why,omitempty"`
}

// Amount is the exact sum of lines in one currency.
type Amount struct {
	Currency string          `json:"currency"`
	Lines    int64           `json:"lines"`
	Cost     decimal.Decimal `json:"cost"`
}

// Sum is the exact sum of the events of one billing period and currency.
type Sum struct {
	BillingPeriod string `json:"billing_period"`
	Currency      string `json:"currency"`
	Lines         int64  `json:"lines"`
	// Cost is the billed cost, Effective the amortised cost of the lines that have it.
	Cost      decimal.Decimal `json:"cost"`
	Effective decimal.Decimal `json:"effective"`
}

// tally counts for a Summary.
type tally struct {
	Summary
	sums map[sumKey]*sum
}

type sumKey struct {
	start    time.Time
	currency string
}

type sum struct {
	lines           int64
	cost, effective total
}

func (s *sum) add(l *line) {
	s.lines++
	s.cost.add(l.event.CostAmount)
	s.effective.add(l.effective)
}

// add adds a line to the bill.
func (b *bill) add(l *line) {
	b.lines++
	s := b.amounts[l.event.Currency]
	if s == nil {
		if b.amounts == nil {
			b.amounts = map[string]*sum{}
		}
		s = &sum{}
		b.amounts[strings.Clone(l.event.Currency)] = s
	}
	s.add(l)
}

// summary returns the sums of the bill's lines.
func (b *bill) summary() []Amount {
	all := make([]Amount, 0, len(b.amounts))
	for _, currency := range slices.Sorted(maps.Keys(b.amounts)) {
		s := b.amounts[currency]
		all = append(all, Amount{currency, s.lines, s.cost.decimal()})
	}
	return all
}

func newTally() *tally {
	return &tally{
		Summary: Summary{Rejected: map[queue.Reason]int64{}, Unread: map[string]int64{}, UnknownColumns: map[string]UnknownColumn{}},
		sums:    map[sumKey]*sum{},
	}
}

func (t *tally) add(l *line) {
	t.Events++
	k := sumKey{l.bill.start, l.event.Currency}
	s := t.sums[k]
	if s == nil {
		s = &sum{}
		t.sums[k] = s
	}
	s.add(l)
	for _, column := range l.unread {
		t.Unread[column]++
	}
}

func (t *tally) summary() Summary {
	s := t.Summary
	for k, v := range t.sums {
		s.Sums = append(s.Sums, Sum{
			BillingPeriod: k.start.Format(time.DateOnly), Currency: k.currency, Lines: v.lines, Cost: v.cost.decimal(), Effective: v.effective.decimal(),
		})
	}
	slices.SortFunc(s.Sums, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(a.BillingPeriod, b.BillingPeriod), cmp.Compare(a.Currency, b.Currency))
	})
	slices.SortFunc(s.Bills, func(a, b BillSummary) int {
		return cmp.Or(cmp.Compare(a.BillingPeriod, b.BillingPeriod), cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ReportAccount, b.ReportAccount))
	})
	return s
}

// total adds amounts exactly, grouped by exponent.
type total struct {
	byExponent map[int32]*big.Int
}

func (t *total) add(d decimal.NullDecimal) {
	if !d.Valid || d.Decimal.IsZero() {
		return
	}
	if t.byExponent == nil {
		t.byExponent = map[int32]*big.Int{}
	}
	n := t.byExponent[d.Decimal.Exponent()]
	if n == nil {
		n = new(big.Int)
		t.byExponent[d.Decimal.Exponent()] = n
	}
	n.Add(n, d.Decimal.Coefficient())
}

func (t *total) decimal() decimal.Decimal {
	var all decimal.Decimal
	for exponent, n := range t.byExponent {
		all = all.Add(decimal.NewFromBigInt(n, exponent))
	}
	return all
}
