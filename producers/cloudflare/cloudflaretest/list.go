package cloudflaretest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// list is a list of objects that is answered in pages.
type list struct {
	items []json.RawMessage
	// in is the result's member that holds the items, where the result is an object.
	in string
	// unpaged lists are answered at once and say nothing about themselves; cursored ones
	// continue by cursors.
	unpaged, cursored bool
	// most bounds a page, whatever is asked for; 0 is no bound.
	most int
	// lie changes what a page says about the list.
	lie func(info map[string]any)
}

// layouts are the lists of each account and zone, as Cloudflare answers them.
func layouts() map[string]list {
	return map[string]list{
		"/accounts/*/workers/scripts": {unpaged: true}, "/accounts/*/r2/buckets": {in: "buckets", cursored: true}, "/accounts/*/access/apps": {}, "/accounts/*/cfd_tunnel": {},
		"/accounts/*/load_balancers/pools": {unpaged: true}, "/accounts/*/pages/projects": {most: 10}, "/accounts/*/storage/kv/namespaces": {}, "/accounts/*/queues": {},
		"/accounts/*/logpush/jobs": {unpaged: true}, "/accounts/*/members": {}, "/accounts/*/subscriptions": {}, "/accounts/*/logs/audit": {cursored: true},
		"/zones/*/dns_records": {}, "/zones/*/load_balancers": {unpaged: true}, "/zones/*/logpush/jobs": {unpaged: true},
	}
}

// AddAccount adds an account, with empty lists of all that it may hold.
func (a *API) AddAccount(id, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects["/accounts/"+id] = object(map[string]any{"id": id, "name": name, "type": "standard", "created_on": "2024-01-02T03:04:05Z", "settings": map[string]any{"enforce_twofactor": true}})
	a.lay("/accounts/", id)
	if a.lists["/zones"] == nil {
		a.lists["/zones"] = &list{most: 50}
	}
}

// AddZone adds a zone of an account, with empty lists. plan is its price.
func (a *API) AddZone(account, id, name, plan string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	zones := a.lists["/zones"]
	zones.items = append(zones.items, object(map[string]any{
		"id": id, "name": name, "status": "active", "paused": false, "type": "full", "name_servers": []string{"a.example", "b.example"}, "account": map[string]string{"id": account, "name": "of " + account},
		"plan": map[string]any{"name": "A plan", "legacy_id": "plan", "price": json.Number(cmp.Or(plan, "0")), "currency": "USD", "frequency": "monthly"},
	}))
	a.lay("/zones/", id)
}

func (a *API) lay(root, id string) {
	for path, layout := range layouts() {
		if rest, ok := strings.CutPrefix(path, root+"*"); ok {
			a.lists[root+id+rest] = &layout
		}
	}
}

// Set replaces the items of a list by JSON objects: "/accounts/ID/queues".
func (a *API) Set(path string, items ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.lists[path]
	if l == nil {
		l = &list{}
		a.lists[path] = l
	}
	l.items = nil
	for _, text := range items {
		l.items = append(l.items, json.RawMessage(text))
	}
}

// SetObject sets a result that is no list.
func (a *API) SetObject(path, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects[path] = json.RawMessage(text)
}

// MostPerPage bounds the pages of a list, whatever is asked for.
func (a *API) MostPerPage(path string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lists[path].most = n
}

// Lie lets a function change what the pages of a list say: their result_info. Nil ends it.
func (a *API) Lie(path string, change func(info map[string]any)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lists[path].lie = change
}

func object(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil // cannot happen: texts and numbers
	}
	return text
}

// answer writes a page.
func (l *list) answer(w http.ResponseWriter, q url.Values) {
	items := l.filtered(q)
	number := func(name string, fallback int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil && n > 0 {
			return n
		}
		return fallback
	}
	size := number("per_page", number("limit", 20))
	if l.most > 0 {
		size = min(size, l.most)
	}
	if l.unpaged {
		size = max(len(items), 1)
	}
	page := number("page", 1)
	first := min((page-1)*size, len(items))
	if l.cursored {
		if first = number("cursor", 0); first > len(items) {
			first = len(items)
		}
	}
	part := items[first:min(first+size, len(items))]
	info := map[string]any{"page": page, "per_page": size, "count": len(part), "total_count": len(items), "total_pages": (len(items) + size - 1) / size}
	switch {
	case l.cursored:
		info = map[string]any{"count": strconv.Itoa(len(part)), "cursor": ""}
		if first+size < len(items) {
			info["cursor"] = strconv.Itoa(first + size)
		}
	case l.unpaged:
		info = nil
	}
	if l.lie != nil {
		if info == nil {
			info = map[string]any{}
		}
		l.lie(info)
	}
	if part == nil {
		part = []json.RawMessage{}
	}
	result := any(part)
	if l.in != "" {
		result = map[string]any{l.in: part}
	}
	write(w, http.StatusOK, object(result), info)
}

// filtered returns the items that a query asks for: those of account.id, and those with
// action.time in since and before.
func (l *list) filtered(q url.Values) []json.RawMessage {
	var all []json.RawMessage
	for _, text := range l.items {
		var it struct {
			Account struct{ ID string }
			Action  struct{ Time string }
			Deleted string `json:"deleted_at"`
		}
		if json.Unmarshal(text, &it) != nil {
			continue
		}
		if id := q.Get("account.id"); id != "" && id != it.Account.ID || q.Get("is_deleted") == "false" && it.Deleted != "" {
			continue
		}
		if q.Has("since") && (it.Action.Time < q.Get("since") || it.Action.Time >= q.Get("before")) {
			continue
		}
		all = append(all, text)
	}
	return all
}
