// Package meter counts the cost of reading a source: requests, pages, throttles and money.
// A Meter travels in a context, so that an adapter counts without knowing for whom.
package meter

import (
	"context"
	"sync/atomic"
)

// Meter counts. The zero value is ready to use; a nil Meter counts nothing. Safe for
// concurrent use.
type Meter struct {
	// up counts the same again.
	up *Meter

	requests, pages, throttles, retries, notModified, paid, micros atomic.Int64
}

// Under returns a Meter whose counts are also added to up.
func Under(up *Meter) *Meter { return &Meter{up: up} }

// Counts are the figures of a Meter.
type Counts struct {
	// Requests counts every try, Retries the tries after the first, Throttles the tries
	// that the service throttled.
	Requests  int64 `json:"requests"`
	Retries   int64 `json:"retries"`
	Throttles int64 `json:"throttles"`
	// NotModified counts the requests whose answer had not changed, and was kept.
	NotModified int64 `json:"not_modified,omitempty"`
	// Pages counts the pages read.
	Pages int64 `json:"pages"`
	// Paid counts the paid requests, CostMicros their cost in millionths of a US dollar.
	Paid       int64 `json:"paid"`
	CostMicros int64 `json:"cost_micros"`
}

// Counts returns the current figures; it may be called at any time.
func (m *Meter) Counts() Counts {
	if m == nil {
		return Counts{}
	}
	return Counts{
		Requests: m.requests.Load(), Retries: m.retries.Load(), Throttles: m.throttles.Load(), NotModified: m.notModified.Load(), Pages: m.pages.Load(), Paid: m.paid.Load(), CostMicros: m.micros.Load(),
	}
}

// Request counts a try of a request.
func (m *Meter) Request(retry, throttled bool) {
	for ; m != nil; m = m.up {
		m.requests.Add(1)
		if retry {
			m.retries.Add(1)
		}
		if throttled {
			m.throttles.Add(1)
		}
	}
}

// NotModified counts a request, counted by Request already, whose answer had not changed.
func (m *Meter) NotModified() {
	for ; m != nil; m = m.up {
		m.notModified.Add(1)
	}
}

// Page counts a page that was read.
func (m *Meter) Page() {
	for ; m != nil; m = m.up {
		m.pages.Add(1)
	}
}

// Paid counts a paid request and its price, in millionths of a US dollar.
func (m *Meter) Paid(micros int64) {
	for ; m != nil; m = m.up {
		m.paid.Add(1)
		m.micros.Add(micros)
	}
}

type contextKey struct{}

// With returns a context that carries m.
func With(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, contextKey{}, m)
}

// From returns the context's Meter, or nil.
func From(ctx context.Context) *Meter {
	m, _ := ctx.Value(contextKey{}).(*Meter)
	return m
}
