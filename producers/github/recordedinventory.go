package github

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/exchange"
)

// knowsInventory reports whether an exchange is about what is in organisations. It takes all of GitHub's that no other source knows, so that
// each gives a reason.
func knowsInventory(x *exchange.Exchange) bool {
	if knowsBilling(x) || knowsActivity(x) {
		return false
	}
	if _, ok := routeOf(x); ok {
		return true
	}
	return x.URL == nil && bytes.Contains(x.Body, []byte(`"full_name"`)) && isRepository(x.Body)
}

// isRepository reports whether a body is a repository or a list of them.
func isRepository(body []byte) bool {
	var p page
	if p.UnmarshalJSON(body) != nil || !p.read(call{one: true}) && !p.read(call{}) || len(p.items) == 0 {
		return false
	}
	first := p.items[0]
	return first.text("full_name") != "" && first.text("node_id") != "" && first.text("owner.login") != "" && first.text("default_branch") != ""
}

// asked is what a recorded request asks for.
type asked struct {
	kind kind
	call call
	// login is whose it is, empty if the items state it.
	login string
	place place
	// list is set if it is a list, all if it is the whole list of the organisation.
	list, all bool
	// name is that of the item that a request is about.
	name string
}

// ask returns what a recorded request asks for.
func ask(x *exchange.Exchange, r route) (asked, bool) {
	a := asked{login: r.owner.name, place: r.place}
	if x.URL == nil {
		a.place, a.kind, a.list = placeOf(""), kindOf("repo"), bytes.HasPrefix(bytes.TrimSpace(x.Body), []byte("["))
		return a, true
	}
	get := reads(x)
	switch {
	case r.repo != "" && r.rest == "":
		a.kind, a.name = kindOf("repo"), r.repo
		return a, true
	case r.owner.name == "" && r.rest == "/user/repos", strings.HasPrefix(r.rest, "/repos") && strings.HasPrefix(x.URL.Path, "/users/"):
		a.kind, a.list = kindOf("repo"), get
		return a, true
	case r.rest == "/installation/repositories":
		a.kind, a.list, a.call.items = kindOf("repo"), get, "repositories"
		return a, true
	case r.owner.name == "" || r.owner.enterprise || r.repo != "" || strings.HasPrefix(x.URL.Path, "/users/"):
		return a, false
	}
	for _, k := range kinds() {
		for _, c := range k.calls {
			a.kind, a.call = k, c
			if name, found := strings.CutPrefix(r.rest, c.path+"/"); found && !c.one && !strings.Contains(name, "/") {
				a.name = name
				a.call.name, a.call.value = forOne(c)
				return a, true
			}
			if r.rest != c.path {
				continue
			}
			a.list = get && !c.one
			q := x.URL.Query()
			if role := q.Get("role"); role == "" && c.query.Get("role") != "" {
				a.call.name = "" // the list of all roles
			} else if role != c.query.Get("role") {
				continue
			}
			a.all = get && unfiltered(q, c)
			return a, true
		}
	}
	return a, false
}

// forOne returns the property that an item has of its call, other than what only a list's query states.
func forOne(c call) (name, value string) {
	if c.name == "role" {
		return "", ""
	}
	return c.name, c.value
}

// unfiltered reports whether a query asks for all that the call lists.
func unfiltered(q url.Values, c call) bool {
	for name := range q {
		switch name {
		case "page", "per_page", "sort", "direction":
		default:
			if q.Get(name) != c.query.Get(name) {
				return false
			}
		}
	}
	return true
}

// chain is a list that was read page by page.
type chain struct {
	asked asked
	pages []*exchange.Exchange
	ended bool
}

// chains joins the pages of lists: each begins with a first page, and continues with what its links name.
func chains(found []*exchange.Exchange) (all []*chain, of map[*exchange.Exchange]*chain) {
	byRequest := map[string]*exchange.Exchange{}
	for _, x := range found {
		if x.URL != nil && reads(x) {
			byRequest[requestOf(http.MethodGet, x.URL)] = x
		}
	}
	of = map[*exchange.Exchange]*chain{}
	for _, x := range found {
		r, _ := routeOf(x)
		a, ok := ask(x, r)
		if page := pageOf(x); !ok || !a.list || page != "" && page != "1" {
			continue
		}
		c := &chain{asked: a}
		for at := x; at != nil && of[at] == nil; {
			of[at] = c
			c.pages = append(c.pages, at)
			next, ended := nextOf(at)
			c.ended = ended
			at = byRequest[next]
		}
		all = append(all, c)
	}
	return all, of
}

func pageOf(x *exchange.Exchange) string {
	if x.URL == nil {
		return ""
	}
	return x.URL.Query().Get("page")
}

// recordedInventory returns the collector of recorded answers about what is in organisations. A kind is completed if all pages of all its
// lists are among them, and they say that they are all there is.
func recordedInventory(all []exchange.Exchange, left func(exchange.Left)) producers.Collector {
	rec := newRecording(SourceInventory, left)
	found := rec.answered(all)
	lists, of := chains(found)
	broken := map[*chain]bool{}
	for _, x := range found {
		r, _ := routeOf(x)
		a, ok := ask(x, r)
		if c := of[x]; c != nil {
			a, ok = c.asked, true
		}
		switch {
		case !ok && !reads(x) && len(x.Body) == 0:
			rec.leave(x, whyEmpty)
		case !ok:
			rec.leave(x, whyNoCall)
		case x.Method == http.MethodDelete:
			rec.deletion(x, a)
		case !rec.items(x, a):
			broken[of[x]] = true
		}
	}
	type kindOfOwner struct {
		place       place
		login, kind string
	}
	whole := map[kindOfOwner]map[string]bool{}
	for _, c := range lists {
		if c.asked.all && c.ended && !broken[c] && c.counts() {
			k := kindOfOwner{c.asked.place, c.asked.login, c.asked.kind.name}
			if whole[k] == nil {
				whole[k] = map[string]bool{}
			}
			whole[k][c.asked.call.value] = true
			if c.asked.call.name == "" {
				for _, one := range c.asked.kind.calls {
					whole[k][one.value] = true
				}
			}
		}
	}
	for k, parts := range whole {
		if len(parts) < len(valuesOf(kindOf(k.kind))) {
			continue
		}
		rec.add(k.place.account(owner{name: k.login}), func(_ context.Context, s *producers.Scan) error {
			s.Completed(service + ":" + k.kind)
			return nil
		})
	}
	return rec
}

// valuesOf returns what a kind's calls are told apart by.
func valuesOf(k kind) map[string]bool {
	all := map[string]bool{}
	for _, c := range k.calls {
		all[c.value] = true
	}
	return all
}

// counts reports whether the pages of a list prove that it is all there is: nothing says that the credential sees less.
func (c *chain) counts() bool {
	count, total := 0, -1
	for _, x := range c.pages {
		answer := &httpsource.Answer{Header: x.Header}
		_, classic := x.Header["X-Oauth-Scopes"]
		// Of another credential the recording does not say which repositories and members it sees.
		if c.asked.kind.partial(answer, &access{}) != nil || (c.asked.kind.name == "repo" || c.asked.kind.name == "member") && !classic {
			return false
		}
		var p page
		if p.UnmarshalJSON(x.Body) != nil || !p.read(c.asked.call) {
			return false
		}
		count, total = count+len(p.items), p.total
	}
	return total <= count
}

// items adds the events of an answer, and reports whether it is as documented.
func (rec *recording) items(x *exchange.Exchange, a asked) bool {
	var p page
	c := a.call
	c.one = !a.list
	if p.UnmarshalJSON(x.Body) != nil || !p.read(c) {
		rec.leave(x, whyInvalid)
		return false
	}
	if len(p.items) == 0 {
		rec.leave(x, "the list is empty")
		return true
	}
	events := map[string][]object{}
	for _, o := range p.items {
		e, err := a.kind.resource(SourceInventory, envelope.TypeSnapshot, time.Unix(0, 0), a.place, a.login, o, c)
		if err != nil || a.login == "" && a.kind.name != "repo" && a.kind.name != "org" {
			why := whyInvalid
			if !a.list {
				why = whyNoCall // such as a public key beside the secrets
			}
			rec.leave(x, why)
			return false
		}
		events[e.AccountID] = append(events[e.AccountID], o)
	}
	for account, items := range events {
		rec.add(account, func(ctx context.Context, s *producers.Scan) error {
			ts := s.At
			if !a.list && !x.At.IsZero() {
				ts = x.At.UTC().Truncate(time.Millisecond)
			}
			events, err := a.kind.snapshots(ts, a.place, a.login, c, items)
			if err != nil {
				return err
			}
			return s.Emit(ctx, events...)
		})
	}
	return true
}

// deletion adds the event of something that a recorded request deleted.
func (rec *recording) deletion(x *exchange.Exchange, a asked) {
	ts := x.At.UTC().Truncate(time.Millisecond)
	if a.name == "" {
		rec.leave(x, whyNoCall)
		return
	}
	if x.At.IsZero() {
		rec.leave(x, whyNoTime)
		return
	}
	o := object{"name": a.name, "login": a.name, "slug": a.name, "id": a.name}
	if a.kind.name == "repo" {
		o["full_name"] = a.login + "/" + a.name
	}
	key, err := a.kind.resource(SourceInventory, envelope.TypeResourceDeleted, ts, a.place, a.login, o, a.call)
	if err != nil {
		rec.leave(x, whyInvalid)
		return
	}
	key.Properties, key.State = nil, ""
	rec.emit(key.AccountID, []envelope.ResourceEvent{key})
}
