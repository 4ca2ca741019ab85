// Package exchange reads requests over HTTP and their answers, as recorders and deliveries
// of webhooks keep them, so that a source's collector reads them in place of its API.
package exchange

import (
	"net/http"
	"net/url"
	"time"

	"polo/producers"
)

// Exchange is a request and its answer, or an answer or a delivery alone. What
// authenticated the request is not in it.
type Exchange struct {
	// Method is in upper case; empty of a bare answer.
	Method string
	// URL is the request's, with its host if the recording states it; nil of a bare answer.
	URL *url.URL
	// RequestBody is what was sent, nil if that is not known.
	RequestBody []byte
	// Status is the answer's, 200 of a bare one.
	Status int
	// Header holds the answer's.
	Header http.Header
	// Body is the answer's JSON text, a webhook's payload, or empty.
	Body []byte
	// At is when it was answered; zero if nothing says so.
	At time.Time
}

// Left is what became no event and is no failure.
type Left struct {
	// Why is for people: "the answer is an error", "nothing reads this call".
	Why string
	// Call is "GET api.cloudflare.com/accounts/*/queues", without ids; empty if the reason
	// is not about a call.
	Call string
	// Count is the number of exchanges, or of the items in one.
	Count int
}

// Reader reads the exchanges of one source.
type Reader struct {
	// Knows reports whether an exchange is of this source's API, by its host and path, or, of
	// a bare answer, by its members. It may be called with any JSON text.
	Knows func(*Exchange) bool
	// New returns a collector that reads exchanges in place of the API: all those of one
	// file that it knows, in their order. Like any collector it emits events, completes
	// what the pages prove to be whole, and reports gaps; a list whose end is not among
	// them is neither. It calls left for what becomes none of these.
	New func(all []Exchange, left func(Left)) producers.Collector
}
