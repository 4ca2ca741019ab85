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

// Summary is what a collection read and made of it.
type Summary struct {
	// Files were read, Skipped were not.
	Files   int       `json:"files"`
	Skipped []Skipped `json:"skipped,omitempty"`
	// Lines are the rows that were read, Events those of them that became an event;
	// Elsewhere those that were passed over, because their bill is read from another
	// report.
	Lines     int64 `json:"lines"`
	Events    int64 `json:"events"`
	Elsewhere int64 `json:"elsewhere,omitempty"`
	// Repeated are the rows that came in another file before, by their line ids, of files
	// that no manifest names.
	Repeated int64 `json:"repeated,omitempty"`
	// Rejected is what was not made an event, by reason: rows, files and rests of files.
	Rejected map[queue.Reason]int64 `json:"rejected,omitempty"`
	// Unread counts, by column, the values that lines had to do without.
	Unread map[string]int64 `json:"unread,omitempty"`
	// UnknownColumns are those that Polo knows no meaning of, by name: each is a property.
	UnknownColumns map[string]UnknownColumn `json:"unknown_columns,omitempty"`

	Bills []BillSummary `json:"bills,omitempty"`
	Sums  []Sum         `json:"sums,omitempty"`
}

// BillSummary is how far one delivery of a bill was read.
type BillSummary struct {
	Source string `json:"source"`
	Payer  string `json:"payer"`
	// BillingPeriod is its first day.
	BillingPeriod string `json:"billing_period"`
	// ReportAccount is whose report it is, where that is not the payer's.
	ReportAccount string `json:"report_account,omitempty"`
	// Delivery is the property of that name of its lines.
	Delivery string `json:"delivery"`
	Lines    int64  `json:"lines"`
	// Amounts are what its lines come to, by currency.
	Amounts []Amount `json:"amounts,omitempty"`
	// Complete tells that the bill counts from this delivery alone from now on; if not,
	// Why says what is in the way.
	Complete bool   `json:"complete"`
	Why      string `json:"why,omitempty"`
}

// Amount is what lines of one currency come to, exactly.
type Amount struct {
	Currency string          `json:"currency"`
	Lines    int64           `json:"lines"`
	Cost     decimal.Decimal `json:"cost"`
}

// Sum is what the events of one billing period and currency come to, exactly.
type Sum struct {
	BillingPeriod string `json:"billing_period"`
	Currency      string `json:"currency"`
	Lines         int64  `json:"lines"`
	// Cost is what is billed, Effective the amortised cost of the lines that tell it.
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

// add counts a line of the bill.
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

// summary is what the bill's lines come to.
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

// total adds amounts exactly, those of one exponent among themselves.
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
