package github

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/exchange"
)

// viewKinds are the reports that split the usage report's money, by the path after the owner.
func viewKinds() map[string]string {
	return map[string]string{
		"/settings/billing/usage/summary": "usage_summary", "/settings/billing/premium_request/usage": "premium_request", "/settings/billing/ai_credit/usage": "ai_credit",
	}
}

const (
	usagePath   = "/settings/billing/usage"
	centresPath = "/settings/billing/cost-centers"
)

// knowsBilling reports whether an exchange is about costs.
func knowsBilling(x *exchange.Exchange) bool {
	if r, ok := routeOf(x); ok {
		return r.rest == usagePath || r.rest == centresPath || viewKinds()[r.rest] != ""
	}
	return x.URL == nil && bytes.Contains(x.Body, []byte(`"usageItems"`)) && has(members(x.Body), "usageItems")
}

// month is a month of a payer.
type month struct {
	payer owner
	place place
	from  time.Time
}

// recordedBilling returns the collector of recorded answers about costs. A month is completed if its whole report is among them, and of an
// enterprise the list of cost centres and the report of each.
func recordedBilling(all []exchange.Exchange, left func(exchange.Left)) producers.Collector {
	rec := newRecording(SourceBilling, left)
	found := rec.answered(all)
	centres := map[owner][]costCentre{}
	for _, x := range found {
		r, _ := routeOf(x)
		var list centreList
		if r.rest != centresPath {
			continue
		}
		known, ok := []costCentre(nil), decode(x.Body, &list) == nil
		if ok {
			known, ok = list.centres()
		}
		_, ended := nextOf(x)
		switch {
		case !ok:
			rec.leave(x, whyInvalid)
		case x.URL.RawQuery != "" || !ended && len(x.Header) > 0:
			rec.leave(x, "a part of the cost centers")
		default:
			centres[r.owner] = append(known, costCentre{}) // the plain report is one more to ask for
			rec.leave(x, "the cost centers name the costs")
		}
	}
	answered := map[month]map[string]bool{}
	for _, x := range found {
		r, routed := routeOf(x)
		var kind string
		if r.rest == centresPath {
			continue
		}
		if routed {
			kind = viewKinds()[r.rest]
		} else if has(members(x.Body), "timePeriod") {
			kind = "usage_summary"
		}
		if kind != "" {
			rec.view(x, r, kind)
			continue
		}
		rec.usage(x, r, centres[r.owner], answered)
	}
	for m, parts := range answered {
		complete := parts[""]
		for _, c := range centres[m.payer] {
			complete = complete && parts[c.id]
		}
		if !complete || m.payer.enterprise && centres[m.payer] == nil {
			continue
		}
		rec.add(m.place.account(m.payer), func(_ context.Context, s *producers.Scan) error {
			if end := earlier(m.from.AddDate(0, 1, 0), s.At.Truncate(day).Add(day)); end.After(m.from) {
				s.CompletedCosts(s.Account.ID, m.from, end)
			}
			return nil
		})
	}
	return rec
}

// usage adds the lines of a usage report.
func (rec *recording) usage(x *exchange.Exchange, r route, centres []costCentre, answered map[month]map[string]bool) {
	var u usage
	if decode(x.Body, &u) != nil || u.Items == nil {
		rec.leave(x, whyInvalid)
		return
	}
	asked := report{place: r.place, payer: r.owner}
	if x.URL == nil {
		asked.place = placeOf("")
		asked.payer = ownerOf(*u.Items)
	} else {
		q := x.URL.Query()
		year, _ := strconv.Atoi(q.Get("year"))
		number, _ := strconv.Atoi(q.Get("month"))
		asked.centre.id = q.Get("cost_center_id")
		for _, c := range centres {
			if c.id == asked.centre.id {
				asked.centre.name = c.name
			}
		}
		if year >= 2008 && year <= 2200 && number >= 1 && number <= 12 {
			asked.from = time.Date(year, time.Month(number), 1, 0, 0, 0, 0, time.UTC)
			asked.to = asked.from.AddDate(0, 1, 0)
		}
	}
	if asked.payer.name == "" {
		rec.leave(x, whyNoOwner)
		return
	}
	lines, err := asked.lines(*u.Items)
	if err != nil {
		rec.leave(x, whyInvalid)
		rec.add(asked.place.account(asked.payer), func(ctx context.Context, s *producers.Scan) error {
			s.Gap(ctx, asked.String(), fmt.Errorf("%w: %w", producers.ErrInvalidAnswer, err))
			return nil
		})
		return
	}
	// A report of a year has a line for a month, on its first day: it would replace that day's own, and count beside the other days'.
	later := func(e envelope.ResourceEvent) bool { return e.TS.Day() > 1 }
	if x.URL != nil && x.URL.Query().Get("month") == "" && len(lines) > 0 && !slices.ContainsFunc(lines, later) {
		rec.leave(x, "the report may be of whole months, which reports of days state too")
		return
	}
	if whole(x, asked) {
		m := month{asked.payer, asked.place, asked.from}
		if answered[m] == nil {
			answered[m] = map[string]bool{}
		}
		answered[m][asked.centre.id] = true
	}
	if len(lines) == 0 {
		rec.left(exchange.Left{Why: "the report has no usage", Call: callOf(x), Count: 1})
		return
	}
	rec.emit(asked.place.account(asked.payer), lines)
}

// whole reports whether a request asked for a month and nothing less.
func whole(x *exchange.Exchange, asked report) bool {
	if x.URL == nil || asked.from.IsZero() {
		return false
	}
	for name := range x.URL.Query() {
		if !slices.Contains([]string{"year", "month", "cost_center_id"}, name) {
			return false
		}
	}
	return true
}

// ownerOf returns whom the items of a report are of, if they all name one.
func ownerOf(items []item) owner {
	found := map[string]bool{}
	for i := range items {
		k, err := report{payer: owner{enterprise: true}}.check(&items[i])
		if err != nil {
			return owner{}
		}
		found[k.login] = true
	}
	all := slices.Collect(maps.Keys(found))
	if len(all) != 1 {
		return owner{}
	}
	return owner{name: all[0]}
}

// view adds the lines of a report that splits the usage report's money.
func (rec *recording) view(x *exchange.Exchange, r route, kind string) {
	var v viewed
	var stated object
	if decode(x.Body, &v) != nil || decode(x.Body, &stated) != nil {
		rec.leave(x, whyInvalid)
		return
	}
	payer := r.owner
	for _, name := range []string{"enterprise", "organization", "user"} {
		if login := fold(stated.text(name)); payer.name == "" && names.MatchString(login) {
			payer = owner{name: login, enterprise: name == "enterprise"}
		}
	}
	if payer.name == "" {
		rec.leave(x, whyNoOwner)
		return
	}
	var filters []string
	for _, name := range slices.Sorted(maps.Keys(stated)) {
		if name != "usageItems" && name != "timePeriod" {
			filters = append(filters, name+"="+fold(stated.text(name)))
		}
	}
	if x.URL == nil {
		r.place = placeOf("")
	}
	asked := report{place: r.place, payer: payer}
	lines, err := asked.views(v, kind, filters...)
	switch {
	case err != nil:
		rec.leave(x, whyInvalid)
	case len(lines) == 0:
		rec.leave(x, "the report has no usage")
	default:
		rec.emit(asked.place.account(payer), lines)
	}
}

// emit adds events that are ready.
func (rec *recording) emit(account string, events []envelope.ResourceEvent) {
	rec.add(account, func(ctx context.Context, s *producers.Scan) error { return s.Emit(ctx, slices.Clone(events)...) })
}
