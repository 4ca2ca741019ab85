package cloudflare

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/httpsource"
)

// place is where an item is: the ids that stand for the {marks} of an entry.
type place struct {
	marks map[string]string
	// zoneName is the name of its zone, if that is known.
	zoneName string
}

func (p place) account() string { return p.marks[accountMark] }
func (p place) zone() string    { return p.marks["{zone}"] }

// in returns the place of a zone of an account.
func in(account, zone string) place {
	p := place{marks: map[string]string{}}
	if account != "" {
		p.marks[accountMark] = account
	}
	if zone != "" {
		p.marks["{zone}"] = zone
	}
	return p
}

// request returns the request of an entry's list.
func (e *entry) request(p place) httpsource.Request {
	query := url.Values{}
	for name, values := range e.Query {
		query.Set(name, fill(values[0], p.marks))
	}
	if e.PerPage > 0 {
		query.Set("per_page", fmt.Sprint(e.PerPage))
	}
	return httpsource.Request{Method: "GET", Path: fill(e.Path, p.marks), Query: query}
}

// list returns the list that a request begins.
func (e *entry) list(first httpsource.Request) list {
	return list{first: first, in: e.In, paging: e.Paging, id: e.id()}
}

var errNoKey = errors.New("an item has no id, or nothing says where it is")

// key returns an item's key.
func (e *entry) key(p place, id string) (envelope.ARN, error) {
	parts := append(strings.Split(e.Key, "/"), id)
	for i, part := range parts {
		if i < len(parts)-1 && strings.HasPrefix(part, "{") {
			part = p.marks[part]
		}
		if part == "" {
			return envelope.ARN{}, errNoKey
		}
		if i%2 == 1 {
			part = strings.ReplaceAll(part, "/", "%2F") // an id is one part of a key
		}
		parts[i] = part
	}
	return envelope.CloudflareARN(parts[0], parts[1], parts[2:]...), nil
}

// ancestors returns the keys of what an item is in, nearest first.
func (e *entry) ancestors(p place) []string {
	var all []string
	marks := strings.Split(e.Key, "/")
	for i := len(marks) - 1; i > 0; i -= 2 {
		within := entry{Key: strings.Join(marks[:i-1], "/")}
		if arn, err := within.key(p, p.marks[marks[i-1]]); i > 1 && err == nil {
			all = append(all, arn.String())
		}
	}
	if !strings.HasPrefix(e.Key, keyAccount) && p.account() != "" {
		all = append(all, accountARN(p.account()))
	}
	return all
}

func accountARN(id string) string { return envelope.CloudflareARN("account", id).String() }
func zoneARN(id string) string    { return envelope.CloudflareARN("zone", id).String() }

// of returns the place of an item whose list does not say it: a zone states its account.
func (e *entry) of(p place, it item) place {
	account, zone := p.account(), p.zone()
	switch e.Key {
	case keyZone:
		account = firstOf(it.text("account.id"), account)
	case keyAccount:
		account = it.text("id")
	}
	if zone == "" && e.ofZone() {
		zone = it.text("zone_id")
	}
	if account == p.account() && zone == p.zone() {
		return p
	}
	q := in(account, zone)
	for mark, value := range p.marks {
		if q.marks[mark] == "" {
			q.marks[mark] = value
		}
	}
	return q
}

// snapshot returns the event of an item at a time.
func (e *entry) snapshot(p place, it item, at time.Time) (envelope.ResourceEvent, error) {
	id := it.text(e.id())
	arn, err := e.key(p, id)
	if err != nil {
		return envelope.ResourceEvent{}, err
	}
	key := arn.String()
	event := envelope.ResourceEvent{
		EventID: envelope.NewEventID(SourceInventory, at, key), EventType: envelope.TypeSnapshot, Source: SourceInventory, TS: at,
		ARN: key, Platform: envelope.PlatformCloudflare, AccountID: p.account(), Service: e.Service, ResourceType: e.resourceType(), ResourceID: id,
		ResourceName: it.text(e.Name), State: state(it.text(e.State)), Ancestors: e.ancestors(p), Tags: tags(it.strings("tags")),
	}
	for prop := range strings.FieldsSeq(e.Props) {
		from, name, renamed := strings.Cut(prop, "=")
		if !renamed {
			name = from[strings.LastIndex(from, ".")+1:]
		}
		event.Properties.SetSome(name, it.text(from))
	}
	if e.ofZone() {
		event.Properties.SetSome("zone_name", firstOf(p.zoneName, it.text("zone_name")))
	}
	event.Relations = e.relations(p, it)
	return event, nil
}

// relations returns the edges to the pools that an item names.
func (e *entry) relations(p place, it item) []envelope.Relation {
	var all []envelope.Relation
	seen := map[string]bool{}
	for member := range strings.FieldsSeq(e.Routes) {
		ids := it.strings(member)
		if one, ok := it[member].(string); ok && one != "" {
			ids = append(ids, one)
		}
		for _, id := range ids {
			if p.account() == "" || seen[id] {
				continue
			}
			seen[id] = true
			all = append(all, envelope.Relation{Type: "routes_to", TargetARN: envelope.CloudflareARN("account", p.account(), "load_balancer_pool", id).String()})
		}
	}
	return all
}

func state(text string) string {
	switch text {
	case "true":
		return "enabled"
	case "false":
		return "disabled"
	}
	return text
}

// tags reads the tags of a DNS record: "owner:search".
func tags(all []string) envelope.Pairs {
	var pairs envelope.Pairs
	for _, text := range all {
		name, value, _ := strings.Cut(text, ":")
		pairs.Set(name, value)
	}
	return pairs
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
