// Package cloudflaretest has a stand-in for Cloudflare's API, version 4, which collectors'
// tests read.
package cloudflaretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// API is the stand-in. Its state may be changed between requests. It is an http.Handler,
// and an http.RoundTripper that answers in the process. Safe for concurrent use.
type API struct {
	token string

	mu       sync.Mutex
	lists    map[string]*list
	objects  map[string]json.RawMessage
	faults   map[string]*Fault
	meters   map[string][]Meter
	requests []string
	times    []time.Time
	// limit requests are taken within per, and then none for block.
	limit        int
	per, block   time.Duration
	blockedUntil time.Time
}

var (
	_ http.Handler      = (*API)(nil)
	_ http.RoundTripper = (*API)(nil)
)

// New returns an API without accounts that takes a token.
func New(token string) *API {
	return &API{token: token, lists: map[string]*list{}, objects: map[string]json.RawMessage{}, faults: map[string]*Fault{}, meters: map[string][]Meter{}}
}

// Fault is how requests of a path fail: with status 200, too.
type Fault struct {
	Status  int
	Code    int
	Message string
	// Header is the answer's: Retry-After.
	Header map[string]string
	// Times is how many requests fail; 0 means all.
	Times int
}

// Fail lets requests of a path fail. A Fault without a status ends that.
func (a *API) Fail(path string, f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.Status == 0 {
		delete(a.faults, path)
		return
	}
	a.faults[path] = &f
}

// Limit blocks all requests for a time once there were more than n within per. Cloudflare's
// own is 1,200 in five minutes, and a block of five minutes.
func (a *API) Limit(n int, per, block time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limit, a.per, a.block = n, per, block
}

// Requests returns the requests so far, "GET /zones?page=1".
func (a *API) Requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.requests...)
}

// Times returns when the requests came.
func (a *API) Times() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]time.Time(nil), a.times...)
}

// RoundTrip implements http.RoundTripper.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/client/v4")
	asked := r.Method + " " + path
	if r.URL.RawQuery != "" {
		asked += "?" + r.URL.RawQuery
	}
	a.requests, a.times = append(a.requests, asked), append(a.times, time.Now())
	w.Header().Set("Content-Type", "application/json")
	if wait := a.blocked(); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds()+0.999)))
		refuse(w, http.StatusTooManyRequests, 10429, "Rate limited. Please wait and consider throttling your request speed")
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+a.token {
		refuse(w, http.StatusForbidden, 10000, "Authentication error")
		return
	}
	if f := a.faults[path]; f != nil {
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				delete(a.faults, path)
			}
		}
		for name, value := range f.Header {
			w.Header().Set(name, value)
		}
		refuse(w, f.Status, f.Code, f.Message)
		return
	}
	a.answer(w, r, path)
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, path string) {
	account, what, _ := strings.Cut(strings.TrimPrefix(path, "/accounts/"), "/")
	switch {
	case r.Method != http.MethodGet:
		refuse(w, http.StatusMethodNotAllowed, 10405, "Method not allowed")
	case a.lists[path] != nil:
		a.lists[path].answer(w, r.URL.Query())
	case a.objects[path] != nil:
		write(w, http.StatusOK, a.objects[path], nil)
	case what == "billable-usage/info" && strings.HasPrefix(path, "/accounts/"):
		a.billingInfo(w, account)
	case what == "billable-usage" && strings.HasPrefix(path, "/accounts/"):
		a.billableUsage(w, account, r.URL.Query())
	default:
		refuse(w, http.StatusNotFound, 7003, "Could not route to "+path)
	}
}

// blocked returns how long no request is taken.
func (a *API) blocked() time.Duration {
	now := a.times[len(a.times)-1]
	if wait := a.blockedUntil.Sub(now); wait > 0 {
		return wait
	}
	recent := 0
	for i := len(a.times) - 1; i >= 0 && now.Sub(a.times[i]) < a.per; i-- {
		recent++
	}
	if a.limit > 0 && recent > a.limit {
		a.blockedUntil = now.Add(a.block)
		return a.block
	}
	return 0
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"success":false,"errors":[{"code":%d,"message":%q}],"messages":[],"result":null}`, code, message)
}

func write(w http.ResponseWriter, status int, result json.RawMessage, info map[string]any) {
	body := map[string]any{"success": true, "errors": []any{}, "messages": []any{}, "result": result}
	if info != nil {
		body["result_info"] = info
	}
	text, err := json.Marshal(body)
	if err != nil {
		refuse(w, http.StatusInternalServerError, 1, "the stand-in has a result that is no JSON")
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
