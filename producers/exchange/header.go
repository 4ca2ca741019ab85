package exchange

import (
	"encoding/json"
	"net/http"
	"strings"
)

// kept reports whether a header of an answer or a delivery is kept: those that page, date, limit and
// describe. All others may identify who asked, or let others ask.
func kept(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "link", "date", "retry-after", "etag", "last-modified", "content-type", "x-oauth-scopes", "x-accepted-oauth-scopes", "x-accepted-github-permissions",
		"ratelimit", "ratelimit-policy", "cf-auditlog-id", "deprecation", "sunset":
		return true
	case "x-github-sso", "x-github-otp":
		return false
	}
	return strings.HasPrefix(name, "x-ratelimit-") || strings.HasPrefix(name, "x-github-") || strings.HasPrefix(name, "ratelimit-")
}

// header reads headers as recorders write them, and returns those that are kept: an object of
// strings or of lists of them, a list of names and values in turn, or one of pairs
// (["Date", "..."], {"name": "Date", "value": "..."}).
func header(value json.RawMessage) http.Header {
	h := http.Header{}
	add := func(name string, value json.RawMessage) {
		if !kept(name) {
			return
		}
		values := list(value)
		if values == nil {
			values = []json.RawMessage{value}
		}
		for _, v := range values {
			if s := text(v); s != "" {
				h.Add(name, withoutKeys(s))
			} else if len(v) > 0 && !begins(v, '"') && !begins(v, '{') && !begins(v, '[') && string(v) != "null" {
				h.Add(name, string(v)) // a number
			}
		}
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) == nil {
		for name, v := range members {
			add(name, v)
		}
		return h
	}
	items := list(value)
	for i := 0; i < len(items); i++ {
		two, o := list(items[i]), asObject(items[i])
		switch {
		case o != nil:
			add(o.text("name", "key"), o["value"])
		case len(two) == 2:
			add(text(two[0]), two[1])
		case i+1 < len(items):
			add(text(items[i]), items[i+1])
			i++
		}
	}
	return h
}
