package cur

import (
	"cmp"
	"fmt"
	"time"
)

// billKey is a bill: what one payer owes for one billing period. source is that of its
// lines.
type billKey struct {
	source     string
	payer      string
	start, end time.Time
}

// name is what a bill is called in gaps and summaries.
func (k billKey) name() string {
	return fmt.Sprintf("bill %s of %s", k.start.Format(time.DateOnly), orUnknown(k.payer))
}

func orUnknown(payer string) string {
	if payer == "" {
		return "an unknown payer"
	}
	return payer
}

// bill is how far the reading of a bill has come.
type bill struct {
	lines int64
	// why is what keeps it from being whole, "" if nothing does.
	why string
	// amounts are what its lines come to, by currency.
	amounts map[string]*sum
	// folders are those of its files without a manifest, by the file's name.
	folders map[string]string
}

// spoil notes why the bill is not whole; the first reason is told.
func (b *bill) spoil(why string) { b.why = orElse(b.why, why) }

// period is a billing period: whole days, the end exclusive.
type period struct{ start, end time.Time }

func (p period) known() bool { return !p.start.IsZero() }

// longestPeriod bounds a billing period that is believed. Periods are months; one of many
// years is a slip of the pen, and a scan of it would make all of them vanish.
const longestPeriod = 366 * 24 * time.Hour

// whole tells whether a scan of costs can speak for the period: it is made of days, of
// years that an event can have, and not too long.
func (p period) whole() bool {
	midnight := func(t time.Time) bool { return t.Equal(t.Truncate(24 * time.Hour)) }
	return p.sayable() && midnight(p.start) && midnight(p.end) && p.end.Sub(p.start) <= longestPeriod
}

// sayable reports whether an event can have the period.
func (p period) sayable() bool {
	return p.start.Before(p.end) && p.start.Year() >= 1971 && p.end.Year() <= 2200
}

func compareBills(a, b billKey) int {
	return cmp.Or(a.start.Compare(b.start), a.end.Compare(b.end), cmp.Compare(a.payer, b.payer), cmp.Compare(a.source, b.source))
}
