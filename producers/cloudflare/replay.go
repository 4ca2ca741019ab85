package cloudflare

import (
	"context"
	"errors"
	"maps"
	"slices"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/exchange"
)

// found is a list that was recorded: its items, and where they are.
type found struct {
	entry *entry
	place place
	items []item
	// whole is set if the pages prove that all of the list was recorded.
	whole bool
	// first is the exchange that begins it, account the one that its request names.
	first   *exchange.Exchange
	account string
}

// replay reads recorded exchanges in place of the API.
type replay struct {
	source  string
	entries []entry
	left    func(exchange.Left)
	lists   []found
	// zones are the accounts and names of the zones that any exchange names.
	zones map[string]place
	// gaps are the accounts' types whose pages contradict themselves.
	gaps map[string]map[string]error
	// lines are those of all answers of billable usage.
	lines lines
	// events are those that need no scan, by account.
	events map[string][]envelope.ResourceEvent
}

var _ producers.Collector = (*replay)(nil)

func newRecorded(name string, all []exchange.Exchange, left func(exchange.Left)) *replay {
	r := &replay{source: name, entries: entries(), left: left, zones: map[string]place{}, gaps: map[string]map[string]error{}, lines: lines{}, events: map[string][]envelope.ResourceEvent{}}
	c := &recording{all: all, used: map[int]bool{}}
	// Lists begin with their first pages; what is then left was recorded without them.
	for _, begins := range []bool{true, false} {
		for i := range all {
			x := &all[i]
			if path, ok := pathOf(x); !c.used[i] && (!ok || begins == isFirst(x.URL.Query())) {
				c.from = i
				r.read(c, i, x, path)
			}
		}
	}
	for _, e := range r.lines.events() {
		r.events[e.AccountID] = append(r.events[e.AccountID], e)
	}
	for i := range r.lists {
		r.learnZones(&r.lists[i])
	}
	for i := range r.lists {
		f := &r.lists[i]
		if a := r.accountOf(f); len(f.items) == 0 && (a == "" || !r.completes(a, f.entry.resourceType())) {
			r.leave(f.first, leftEmpty)
		}
	}
	return r
}

// read reads the list or item that an exchange begins.
func (r *replay) read(c *recording, i int, x *exchange.Exchange, path string) {
	switch {
	case r.source == SourceBilling:
		c.used[i] = true
		r.usage(x, path)
	case r.source == SourceAudit:
		r.audit(c, i, x, path)
	case x.URL == nil:
		c.used[i] = true
		r.bare(x)
	default:
		r.list(c, i, x, path)
	}
}

func (r *replay) leave(x *exchange.Exchange, why string) {
	r.left(exchange.Left{Why: why, Call: callOf(x), Count: 1})
}

func (r *replay) list(c *recording, i int, x *exchange.Exchange, path string) {
	e, marks := entryOf(r.entries, path)
	if e == nil || x.Method != "GET" {
		c.used[i] = true
		r.leave(x, leftUnread)
		return
	}
	q := requestOf(x, path)
	f := found{entry: e, place: place{marks: marks}, first: x, account: firstOf(marks[accountMark], q.Query.Get("account.id"))}
	if f.account != "" {
		marks[accountMark] = f.account
	}
	l := e.list(q)
	_, alone := marks["{}"]
	if alone || e.Path == "/accounts/{account}" {
		l.in, l.paging = "", single
	}
	err := l.read(context.Background(), c, func(_ *httpsource.Answer, items []item) error {
		f.items = append(f.items, items...)
		return nil
	})
	f.whole = err == nil && isWhole(q.Query) && !alone
	if len(f.items) == 0 && err != nil {
		r.leave(x, why(err))
		return
	}
	var lie *partial
	if errors.As(err, &lie) {
		r.noteGap(&f, err)
	}
	r.lists = append(r.lists, f)
}

// noteGap reports that the pages of a list contradict themselves, where its account is known.
func (r *replay) noteGap(f *found, err error) {
	accounts := map[string]bool{}
	for _, it := range f.items {
		accounts[f.entry.of(f.place, it).account()] = true
	}
	for a := range accounts {
		if r.gaps[a] == nil {
			r.gaps[a] = map[string]error{}
		}
		r.gaps[a][f.entry.resourceType()] = err
	}
}

// bare reads an answer without its request: its items say what and where they are.
func (r *replay) bare(x *exchange.Exchange) {
	items, _ := bare(x.Body)
	if _, err := answerOf(x, httpsource.Request{}); err != nil {
		r.leave(x, why(err))
		return
	}
	if len(items) == 0 {
		r.leave(x, leftEmpty)
		return
	}
	e := entryOfShape(r.entries, items[0])
	if e == nil {
		r.leave(x, leftShape)
		return
	}
	r.lists = append(r.lists, found{entry: e, place: in("", ""), items: items, first: x})
}

// learnZones notes which account a zone is of.
func (r *replay) learnZones(f *found) {
	for _, it := range f.items {
		id, account, name := it.text("zone_id"), "", it.text("zone_name")
		if f.entry.Key == keyZone {
			id, account, name = it.text("id"), it.text("account.id"), it.text("name")
		}
		if id == "" {
			continue
		}
		known := r.zones[id]
		z := in(firstOf(known.account(), account), id)
		z.zoneName = firstOf(known.zoneName, name)
		r.zones[id] = z
	}
}

// accountOf returns the account that a list's request names, if it does.
func (r *replay) accountOf(f *found) string {
	return firstOf(f.account, r.zones[f.place.zone()].account())
}

// placeOf returns where an item of a list is.
func (r *replay) placeOf(f *found, it item) place {
	p := f.entry.of(f.place, it)
	z, known := r.zones[p.zone()]
	if !known || !f.entry.ofZone() && f.entry.Key != keyZone {
		return p
	}
	q := in(firstOf(p.account(), z.account()), p.zone())
	q.zoneName = z.zoneName
	return q
}

// Source implements producers.Collector.
func (r *replay) Source() string { return r.source }

// Scopes implements producers.Collector: the accounts that the exchanges name, and none for
// what names none.
func (r *replay) Scopes([]account.Account, []string) []producers.Scope {
	ids := map[string]bool{}
	for i := range r.lists {
		f := &r.lists[i]
		if a := r.accountOf(f); a != "" {
			ids[a] = true
		}
		for _, it := range f.items {
			ids[r.placeOf(f, it).account()] = true
		}
	}
	for id := range r.events {
		ids[id] = true
	}
	return scopes(slices.Sorted(maps.Keys(ids)))
}

// Collect implements producers.Collector.
func (r *replay) Collect(ctx context.Context, s *producers.Scan) error {
	events := slices.Clone(r.events[s.Account.ID])
	for i := range r.lists {
		f := &r.lists[i]
		unplaced := 0
		for _, it := range f.items {
			p := r.placeOf(f, it)
			if p.account() != s.Account.ID || f.entry.Gone != "" && it.text(f.entry.Gone) != "" {
				continue
			}
			made, err := f.entry.events(p, it, s)
			if err != nil {
				unplaced++
				continue
			}
			events = append(events, made...)
		}
		if unplaced > 0 {
			r.left(exchange.Left{Why: leftPlace, Call: callOf(f.first), Count: unplaced})
		}
	}
	if s.Account.ID != "" {
		events = append(events, r.fees(s)...)
	}
	for what, err := range r.gaps[s.Account.ID] {
		s.Gap(ctx, what, err)
	}
	if len(events) > 0 {
		if err := s.Emit(ctx, events...); err != nil {
			return err
		}
	}
	if s.Account.ID == "" {
		return nil // a completion is of an account
	}
	for _, t := range types(r.entries) {
		if r.completes(s.Account.ID, t) {
			s.Completed(t)
		}
	}
	return nil
}

// fees returns the fees of an account's subscriptions, and then those of its zones. They are
// billing's events; no request is read twice, so the inventory emits them.
func (r *replay) fees(s *producers.Scan) []envelope.ResourceEvent {
	var found feeList
	for _, key := range []string{keySubscription, keyZoneSubscription} {
		for i := range r.lists {
			f := &r.lists[i]
			if f.entry.Key != key {
				continue
			}
			for _, it := range f.items {
				p := r.placeOf(f, it)
				if p.account() != s.Account.ID {
					continue
				}
				if err := found.add([]byte(jsonText(map[string]any(it))), p.zone(), p.zoneName, nil, s.At); err != nil {
					r.left(exchange.Left{Why: leftInvalid, Call: callOf(f.first), Count: 1})
				}
			}
		}
	}
	return found.events(s.Account.ID)
}

// completes reports whether all lists of an account that have a type were recorded whole.
func (r *replay) completes(account, resourceType string) bool {
	listed := false
	for i := range r.entries {
		e := &r.entries[i]
		if e.Recorded || e.resourceType() != resourceType {
			continue
		}
		listed = true
		if !e.ofZone() {
			if !r.recorded(e, account, "") {
				return false
			}
			continue
		}
		zones, _ := entryOf(r.entries, "/zones")
		if !r.recorded(zones, account, "") {
			return false
		}
		for id, z := range r.zones {
			if z.account() == account && !r.recorded(e, account, id) {
				return false
			}
		}
	}
	return listed
}

// recorded reports whether a list of an account, or of its zone, was recorded whole.
func (r *replay) recorded(e *entry, account, zone string) bool {
	return slices.ContainsFunc(r.lists, func(f found) bool {
		switch {
		case !f.whole || f.entry.Path != e.Path && (e.Key != keyAccount || f.entry.Key != keyAccount):
			return false
		case e.Key == keyAccount || e.Key == keyZone:
			return f.account == account || f.account == "" && slices.ContainsFunc(f.items, func(it item) bool { return e.of(in("", ""), it).account() == account })
		}
		return f.place.zone() == zone && (zone != "" || f.place.account() == account)
	})
}
