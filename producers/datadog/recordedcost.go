package datadog

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"polo/envelope"
	"polo/producers"
)

const (
	whyCumulative = "estimates that count from another day than the 1st of their month give no exact days"
	whySameMoney  = "another answer states the same month's costs"
	whyNoRequest  = "several days of a month, without the request that says which day they count from"
)

// bill is what one recorded answer states of a month that one organisation pays.
type bill struct {
	payer string
	month time.Time
	// rank is the greater, the better the bill: see rankOf.
	rank       int
	statements []statement
	// daily statements are totals since the 1st; others are of the month.
	daily, final bool
	// asked means that the request asked for the whole month, and for each organisation.
	asked  bool
	answer recordedAnswer
}

// rankOf orders answers that state the same money: final before estimated, by organisation
// before a sum over them, by day before by month. Of equals the last one counts.
func (b *bill) rankOf() int {
	rank := 0
	for i, better := range []bool{b.daily, b.answer.bySubOrganisation(), b.final} {
		if better {
			rank |= 1 << i
		}
	}
	return rank
}

// bySubOrganisation reports whether the answer has a statement for each organisation, not
// their sum under the parent's name.
func (a recordedAnswer) bySubOrganisation() bool {
	return a.Request.Query.Get("view") == "sub-org" || strings.HasSuffix(a.Request.Path, "/cost_by_org")
}

// readCosts reads recorded costs. Of answers that state the same month one becomes lines.
// A month is completed as the collector completes it: if its final costs of all
// organisations were asked for and stated, or its estimates since the 1st.
func readCosts(ctx context.Context, s *producers.Scan, r *recording) error {
	best := map[billKey]*bill{}
	for _, a := range r.answers {
		bills, err := r.bills(a)
		if err != nil {
			r.gap(ctx, s, a, "datadog:cost", err)
			continue
		}
		for _, b := range bills {
			key := billKey{b.payer, b.month}
			other := best[key]
			if other != nil && other.rank > b.rank {
				other, b = b, other
			}
			best[key] = b
			if other != nil {
				r.leave(other.answer, whySameMoney, len(other.statements))
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(best), func(a, b billKey) int {
		return cmp.Or(a.month.Compare(b.month), cmp.Compare(a.payer, b.payer))
	}) {
		if err := best[key].emit(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

type billKey struct {
	payer string
	month time.Time
}

// bills splits an answer by month and payer.
func (r *recording) bills(a recordedAnswer) ([]*bill, error) {
	all, err := statements(a.Answer)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		r.leave(a, whyEmpty+": no costs yet, or none", 1)
	}
	q := a.Request.Query
	start, from := momentOf(q.Get("start_date")), momentOf(q.Get("start_month"))
	to := momentOf(cmp.Or(q.Get("end_month"), q.Get("start_month")))
	var found []*bill
	index := map[billKey]*bill{}
	cumulative := 0
	for _, st := range all {
		if st.PublicID == "" {
			return nil, a.Invalid("a statement has no public_id")
		}
		month := monthOf(st.Date)
		if a.call.shape == shapeEstimated && !start.IsZero() && !start.Equal(month) {
			cumulative++
			continue
		}
		key := billKey{r.payerOf(st.PublicID), month}
		b := index[key]
		if b == nil {
			b = &bill{payer: key.payer, month: month, final: a.call.shape == shapeFinal, answer: a}
			since := a.call.shape == shapeEstimated && !start.IsZero() // the 1st of this month
			b.asked = a.bySubOrganisation() && (since || !from.IsZero() && !month.Before(monthOf(from)) && !month.After(to))
			index[key] = b
			found = append(found, b)
		}
		b.statements = append(b.statements, st)
	}
	if cumulative > 0 {
		r.leave(a, whyCumulative, cumulative)
	}
	for _, b := range found {
		b.daily = a.call.shape == shapeEstimated && !start.IsZero() && (q.Has("end_date") || b.repeats())
		b.rank = b.rankOf()
	}
	return slices.DeleteFunc(found, func(b *bill) bool {
		if a.call.shape != "" || !b.repeats() {
			return false
		}
		r.leave(a, whyNoRequest, len(b.statements))
		return true
	}), nil
}

// repeats reports whether an organisation has several statements.
func (b *bill) repeats() bool {
	seen := map[string]bool{}
	for _, st := range b.statements {
		if seen[st.PublicID] {
			return true
		}
		seen[st.PublicID] = true
	}
	return false
}

// emit emits the lines of a bill, and completes what it is all of.
//
// An estimate without a range of days, or without its end, is one amount for the month so
// far: a line of the month, which its final costs restate. It ends with the day of the
// answer, if that is known and within the month.
func (b *bill) emit(ctx context.Context, s *producers.Scan) error {
	m := maker{payer: b.payer, site: b.answer.site}
	end := b.month.AddDate(0, 1, 0)
	if at := b.answer.exchange.At; !b.final && !at.IsZero() && at.Before(end) && !at.Before(b.month) {
		end = at.UTC().Truncate(day).Add(day)
	}
	var lines []envelope.ResourceEvent
	var err error
	if b.daily {
		lines, end, err = m.days(b.statements, b.month)
	} else {
		lines, err = m.whole(b.statements, b.month, end, !b.final)
	}
	if err != nil {
		s.Gap(ctx, "datadog:cost "+b.month.Format("2006-01")+" "+b.payer, b.answer.Invalid("%w", err))
		return nil
	}
	if err := s.Emit(ctx, lines...); err != nil {
		return err
	}
	if b.asked && end.After(b.month) {
		s.CompletedCosts(b.payer, b.month, end)
	}
	return nil
}

// momentOf parses a time as requests and answers have it: to the second, hour, day or
// month. Zero if it is none.
func momentOf(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15", time.DateOnly, "2006-01"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
