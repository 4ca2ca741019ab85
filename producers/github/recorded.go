package github

import (
	"context"
	"net/http"
	"sort"
	"strings"
	"sync"

	"polo/internal/account"
	"polo/producers"
	"polo/producers/exchange"
)

// Reasons why a recorded exchange becomes no event.
const (
	whyError   = "the answer is an error"
	whyEmpty   = "the answer has no content"
	whyNoCall  = "nothing reads this call"
	whyOlder   = "a later answer to the same request is among them"
	whyInvalid = "the answer is not as documented"
	whyNoOwner = "whose it is is not stated"
	whyNoTime  = "when it was is not stated"
)

// recording is the collector of recorded exchanges: what to read by account.
type recording struct {
	source string
	parts  map[string][]part
	// left is safe for concurrent use.
	left func(exchange.Left)
}

// part reads one thing of a recording.
type part func(ctx context.Context, s *producers.Scan) error

var _ producers.Collector = (*recording)(nil)

func newRecording(source string, left func(exchange.Left)) *recording {
	var mu sync.Mutex
	return &recording{source: source, parts: map[string][]part{}, left: func(l exchange.Left) {
		mu.Lock()
		defer mu.Unlock()
		left(l)
	}}
}

// Source implements producers.Collector.
func (r *recording) Source() string { return r.source }

// Scopes implements producers.Collector: the accounts of the recording.
func (r *recording) Scopes([]account.Account, []string) []producers.Scope {
	var all []producers.Scope
	for id := range r.parts {
		all = append(all, producers.Scope{Account: account.Account{ID: id}})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Account.ID < all[j].Account.ID })
	return all
}

// Collect implements producers.Collector.
func (r *recording) Collect(ctx context.Context, s *producers.Scan) error {
	for _, read := range r.parts[s.Account.ID] {
		if err := read(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// add adds what is to be read of an account.
func (r *recording) add(account string, p part) { r.parts[account] = append(r.parts[account], p) }

// leave says why an exchange becomes no event.
func (r *recording) leave(x *exchange.Exchange, why string) {
	r.left(exchange.Left{Why: why, Call: callOf(x), Count: 1})
}

// answered returns the exchanges that are answers: no errors, not empty unless they deleted something, and of answers to the same
// question the last. The rest is left.
func (r *recording) answered(all []exchange.Exchange) []*exchange.Exchange {
	last := map[string]int{}
	for i := range all {
		if x := &all[i]; x.URL != nil && reads(x) && x.Status/100 == 2 {
			last[requestOf(x.Method, x.URL)] = i
		}
	}
	var found []*exchange.Exchange
	for i := range all {
		x := &all[i]
		switch {
		case x.Status != 0 && x.Status/100 != 2:
			r.leave(x, whyError)
		case strings.TrimSpace(string(x.Body)) == "" && x.Method != http.MethodDelete:
			r.leave(x, whyEmpty)
		case x.URL != nil && reads(x) && last[requestOf(x.Method, x.URL)] != i:
			r.leave(x, whyOlder)
		default:
			found = append(found, x)
		}
	}
	return found
}

// reads reports whether a request changes nothing.
func reads(x *exchange.Exchange) bool {
	return x.Method == "" || strings.EqualFold(x.Method, http.MethodGet)
}
