package cur

import (
	"cmp"
	"fmt"
	"time"
)

// billKey identifies a bill: what one payer owes for one billing period. source is the source of
// its lines.
type billKey struct {
	source     string
	payer      string
	start, end time.Time
}

// name names the bill in gaps and summaries.
func (k billKey) name() string {
	return fmt.Sprintf("bill %s of %s", k.start.Format(time.DateOnly), orUnknown(k.payer))
}

func orUnknown(payer string) string {
	if payer == "" {
		return "an unknown payer"
	}
	return payer
}

// bill is the state of a bill that is being read.
type bill struct {
	lines int64
	// why says why it is incomplete, "" if nothing is wrong.
	why string
	// amounts are the sums of its lines, by currency.
	amounts map[string]*sum
	// folders are the folders of its files without a manifest, by file name.
	folders map[string]string
}

// markIncomplete records why the bill is incomplete; the first reason is kept.
func (b *bill) markIncomplete(why string) { b.why = orElse(b.why, why) }

// period is a billing period: whole days, the end exclusive.
type period struct{ start, end time.Time }

func (p period) known() bool { return !p.start.IsZero() }

// longestPeriod bounds a billing period. Periods are months; one of many years is an error in the
// file, and its completion would hide all events in it.
const longestPeriod = 366 * 24 * time.Hour

// countable reports whether a completion of costs can cover the period: whole days, in years that
// an event can have, and not too long.
func (p period) countable() bool {
	midnight := func(t time.Time) bool { return t.Equal(t.Truncate(24 * time.Hour)) }
	return p.valid() && midnight(p.start) && midnight(p.end) && p.end.Sub(p.start) <= longestPeriod
}

// valid reports whether an event can have the period.
func (p period) valid() bool {
	return p.start.Before(p.end) && p.start.Year() >= 1971 && p.end.Year() <= 2200
}

func compareBills(a, b billKey) int {
	return cmp.Or(a.start.Compare(b.start), a.end.Compare(b.end), cmp.Compare(a.payer, b.payer), cmp.Compare(a.source, b.source))
}
