package cloudflare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"polo/internal/httpsource"
	"polo/producers/exchange"
)

const (
	host = "api.cloudflare.com"
	root = "/client/v4"
)

// pathOf returns an exchange's path below the API's root.
func pathOf(x *exchange.Exchange) (string, bool) {
	if x.URL == nil || x.URL.Hostname() != "" && x.URL.Hostname() != host {
		return "", false
	}
	path, ok := strings.CutPrefix(x.URL.Path, root)
	return strings.TrimSuffix(path, "/"), ok && strings.HasPrefix(path, "/")
}

// ownerOf returns the source that reads an exchange, or "" if it is not of Cloudflare's API.
// One source reads it, so that nothing of it is read twice.
func ownerOf(x *exchange.Exchange) string {
	path, ok := pathOf(x)
	if x.URL == nil {
		items, is := bare(x.Body)
		switch {
		case !is:
			return ""
		case len(items) > 0 && isUsage(items[0]):
			return SourceBilling
		case len(items) > 0 && isAudit(items[0]):
			return SourceAudit
		}
		return SourceInventory
	}
	switch {
	case !ok:
		return ""
	case isUsagePath(path):
		return SourceBilling
	case strings.HasPrefix(path, "/accounts/") && strings.Count(path, "/") == 4 && strings.HasSuffix(path, "/logs/audit"):
		return SourceAudit
	}
	return SourceInventory
}

// isUsagePath reports whether billable usage is, or was, there.
func isUsagePath(path string) bool {
	parts := strings.Split(path, "/")
	if len(parts) < 4 || parts[1] != "accounts" {
		return false
	}
	switch strings.Join(parts[3:], "/") {
	case "billable-usage", "billable/usage", "paygo-usage", "billing/usage/paygo":
		return true
	}
	return false
}

func isUsage(it item) bool {
	_, cost := it["BilledCost"]
	_, contracted := it["ContractedCost"]
	_, start := it["ChargePeriodStart"]
	return (cost || contracted) && start
}

func isAudit(it item) bool {
	_, action := it["action"].(map[string]any)
	_, actor := it["actor"].(map[string]any)
	_, resource := it["resource"].(map[string]any)
	return action && actor && resource
}

// bare reports whether a text is an answer of the API, and returns its items.
func bare(body []byte) ([]item, bool) {
	var members struct {
		Result   json.RawMessage `json:"result"`
		Success  *bool           `json:"success"`
		Errors   json.RawMessage `json:"errors"`
		Messages json.RawMessage `json:"messages"`
	}
	if !bytes.Contains(body, []byte(`"success"`)) || json.Unmarshal(body, &members) != nil || members.Success == nil || members.Errors == nil || members.Messages == nil && members.Result == nil {
		return nil, false
	}
	items, err := decodeItems(members.Result, "")
	if err == nil && len(items) == 1 {
		for _, in := range []string{"buckets", "domains", "deployments"} {
			if _, there := items[0][in]; there {
				items, err = decodeItems(members.Result, in)
			}
		}
	}
	if err != nil {
		items = nil
	}
	return items, true
}

// callOf names an exchange's call without ids.
func callOf(x *exchange.Exchange) string {
	path, ok := pathOf(x)
	if !ok {
		return ""
	}
	if e, marks := entryOf(entries(), path); e != nil {
		for mark := range marks {
			marks[mark] = "*"
		}
		if path = fill(e.Path, marks); marks["{}"] != "" {
			path += "/*"
		}
		return x.Method + " " + host + path
	}
	parts := strings.Split(path, "/")
	for i := 2; i < len(parts); i++ {
		if parts[i-1] == "accounts" || parts[i-1] == "zones" || len(parts[i]) > 24 || strings.ContainsAny(parts[i], "0123456789") {
			parts[i] = "*"
		}
	}
	return x.Method + " " + host + strings.Join(parts, "/")
}

// errNotRecorded says that a request is not among the recorded ones.
var errNotRecorded = errors.New("the request was not recorded")

// recording answers requests from exchanges.
type recording struct {
	all []exchange.Exchange
	// used are the exchanges that a list has read.
	used map[int]bool
	// from is where the next request is looked for first.
	from int
}

var _ api = (*recording)(nil)

// Do implements api. It takes the next exchange of the same request that is not used.
func (r *recording) Do(_ context.Context, q httpsource.Request) (*httpsource.Answer, error) {
	for n := range r.all {
		i := (r.from + n) % len(r.all)
		x := &r.all[i]
		if path, ok := pathOf(x); ok && !r.used[i] && x.Method == q.Method && path == q.Path && maps.EqualFunc(x.URL.Query(), q.Query, slices.Equal[[]string]) {
			r.used[i] = true
			return answerOf(x, q)
		}
	}
	return nil, errNotRecorded
}

// answerOf returns an exchange's answer, or the error that it is.
func answerOf(x *exchange.Exchange, q httpsource.Request) (*httpsource.Answer, error) {
	a := &httpsource.Answer{Request: q, Status: x.Status, Header: x.Header, Body: x.Body}
	if a.Header == nil {
		a.Header = http.Header{}
	}
	if v := classify(a); v.Reason != "" || x.Status/100 != 2 {
		return nil, &httpsource.Error{Request: q, Status: x.Status, Reason: v.Reason, Code: v.Code}
	}
	return a, nil
}

// isFirst reports whether a request begins a list.
func isFirst(q url.Values) bool {
	return !q.Has("cursor") && (q.Get("page") == "" || q.Get("page") == "1")
}

// isWhole reports whether a request asks for all of a list from its beginning on: whether it
// has only parameters that leave nothing out.
func isWhole(q url.Values) bool {
	for name := range q {
		switch name {
		case "page", "per_page", "cursor", "limit", "order", "direction", "account.id":
		case "is_deleted":
			if q.Get(name) != "false" {
				return false
			}
		default:
			return false
		}
	}
	return isFirst(q)
}

// requestOf returns an exchange's request.
func requestOf(x *exchange.Exchange, path string) httpsource.Request {
	return httpsource.Request{Method: x.Method, Path: path, Query: x.URL.Query()}
}

// Reasons why an exchange becomes nothing.
const (
	leftUnread  = "nothing reads this call"
	leftError   = "the answer is an error"
	leftEmpty   = "the list is empty"
	leftShape   = "nothing tells what this answer lists"
	leftPlace   = "nothing tells whose these are"
	leftInvalid = "the answer is not as documented"
)

// why returns the reason of an error.
func why(err error) string {
	var e *httpsource.Error
	switch {
	case errors.As(err, &e) && e.Reason == httpsource.Invalid && e.Status/100 == 2:
		return leftInvalid
	case errors.As(err, &e):
		return leftError
	case errors.Is(err, errNoKey):
		return leftPlace
	}
	return leftInvalid
}
