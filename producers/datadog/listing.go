package datadog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polo/envelope"
	"polo/internal/httpsource"
	"polo/internal/redact"
	"polo/producers"
)

// listing is what was read of a list.
type listing struct {
	list
	// items are those that were read, each once.
	items []map[string]any
	seen  map[string]bool
	// promised is how many the last page says there are, nil if it does not.
	promised *int
	// pages were read, with received items, also such as came again.
	pages, received int
	// short means that the last page was not full, or has nothing new: it is the last one.
	short bool
	// stale means that the last page has nothing new.
	stale bool
	// broken means that pages are missing, are damaged or are of a part of the list.
	broken bool
}

func newListing(l list) *listing { return &listing{list: l, seen: map[string]bool{}} }

// add adds an answer that begins with the item at offset, and has size items at most.
func (r *listing) add(a *httpsource.Answer, offset, size int) error {
	items, total, err := r.parse(a)
	if err != nil {
		r.broken = true
		return err
	}
	r.broken = r.broken || offset > r.received
	r.promised = total
	r.pages++
	follows := offset >= r.received // one that was recorded again does not
	r.received = max(r.received, offset+len(items))
	before := len(r.items)
	for i, item := range items {
		id := textAt(item, r.id)
		if id == "" || strings.Contains(id, "/") {
			r.broken = true
			return a.Invalid("item %d has no %s that makes a key", i+1, r.id)
		}
		if !r.seen[id] {
			r.seen[id] = true
			r.items = append(r.items, item)
		}
	}
	r.stale = follows && len(r.items) == before
	r.short = size == 0 || len(items) != size || r.stale // more than were asked for: it has no pages
	return nil
}

func (r *listing) parse(a *httpsource.Answer) (items []map[string]any, total *int, err error) {
	if r.member == "" {
		err = a.Decode(&items)
		if err == nil && items == nil {
			err = a.Invalid("it is no list")
		}
		return items, nil, err
	}
	var body map[string]json.RawMessage
	if err := a.Decode(&body); err != nil {
		return nil, nil, err
	}
	part := *a
	part.Body = body[r.member]
	if part.Body == nil {
		return nil, nil, a.Invalid("it has no %s", r.member)
	}
	if err := part.Decode(&items); err != nil {
		return nil, nil, err
	}
	if text := body[r.total]; text != nil {
		n, err := strconv.Atoi(string(text))
		if err != nil || n < 0 {
			return nil, nil, a.Invalid("%s is no number of items", r.total)
		}
		total = &n
	}
	return items, total, nil
}

// ended reports whether nothing more is to be asked for.
func (r *listing) ended() bool {
	switch {
	case r.pages == 0:
		return false
	case r.promised != nil:
		return len(r.items) >= *r.promised && r.received >= *r.promised
	}
	return r.short
}

// stuck reports whether more was promised than comes.
func (r *listing) stuck() bool { return r.promised != nil && r.stale && len(r.items) < *r.promised }

// whole reports whether the list was read from its first item to its last.
func (r *listing) whole() bool { return !r.broken && r.ended() }

// events returns a snapshot of each item.
func (r *listing) events(s *producers.Scan, organisation, site string) []envelope.ResourceEvent {
	all := make([]envelope.ResourceEvent, 0, len(r.items))
	for _, item := range r.items {
		e := snapshot(s, organisation, site, r.kind, textAt(item, r.id))
		e.ResourceName, e.State = redact.Text(textAt(item, r.name)), textAt(item, r.state)
		if tags, ok := item[r.tags].([]any); ok {
			e.Tags = tagsOf(tags)
		}
		for _, p := range r.properties {
			path, name, renamed := strings.Cut(p, "=")
			if !renamed {
				name = path
			}
			e.Properties.SetSome(name, redact.Value(name, textAt(item, path)))
		}
		if r.more != nil {
			r.more(item, &e)
		}
		all = append(all, e)
	}
	return all
}

// textAt returns the value at a path, "meta.platform"; what is nested as JSON. "" if there
// is none.
func textAt(item map[string]any, path string) string {
	name, rest, nested := strings.Cut(path, ".")
	v := item[name]
	if nested {
		inner, _ := v.(map[string]any)
		return textAt(inner, rest)
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number, bool:
		return fmt.Sprint(v)
	case []any:
		if len(v) == 0 {
			return ""
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "" // it came from JSON
	}
	return string(text)
}

// tagsOf returns tags of the form "key:value" as pairs. A key with several values has them
// all, sorted.
func tagsOf(tags []any) envelope.Pairs {
	byKey := map[string][]string{}
	for _, t := range tags {
		key, value, _ := strings.Cut(textOf(t), ":")
		if key != "" && !slices.Contains(byKey[key], value) {
			byKey[key] = append(byKey[key], value)
		}
	}
	pairs := map[string]string{}
	for key, values := range byKey {
		slices.Sort(values)
		pairs[key] = redact.Value(key, strings.Join(values, ","))
	}
	return envelope.PairsOf(pairs)
}
