// Package meter counts what reading a source costs: requests, pages, throttles and
// money. A Meter travels in a context, so that an adapter counts what it does
// without knowing for whom.
package meter

import (
	"context"
	"sync/atomic"
)

// Meter counts. The zero value is ready; a nil one counts nothing. Safe for
// concurrent use.
type Meter struct {
	// up is told everything, too.
	up *Meter

	requests, pages, throttles, retries, paid, micros atomic.Int64
}

// Under makes a Meter of which everything also counts in up.
func Under(up *Meter) *Meter { return &Meter{up: up} }

// Counts are the figures of a Meter.
type Counts struct {
	// Requests were sent, each try one; Retries are those of them that were not the
	// first try, Throttles those that the service refused as too many.
	Requests  int64 `json:"requests"`
	Retries   int64 `json:"retries"`
	Throttles int64 `json:"throttles"`
	// Pages were read.
	Pages int64 `json:"pages"`
	// Paid counts requests that are paid for, CostMicros what those cost, in millionths of
	// a US dollar.
	Paid       int64 `json:"paid"`
	CostMicros int64 `json:"cost_micros"`
}

// Counts may be called at any time.
func (m *Meter) Counts() Counts {
	if m == nil {
		return Counts{}
	}
	return Counts{
		Requests: m.requests.Load(), Retries: m.retries.Load(), Throttles: m.throttles.Load(), Pages: m.pages.Load(), Paid: m.paid.Load(), CostMicros: m.micros.Load(),
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

// Page counts a page that was read.
func (m *Meter) Page() {
	for ; m != nil; m = m.up {
		m.pages.Add(1)
	}
}

// Paid counts a request's price, in millionths of a US dollar.
func (m *Meter) Paid(micros int64) {
	for ; m != nil; m = m.up {
		m.paid.Add(1)
		m.micros.Add(micros)
	}
}

type contextKey struct{}

// With puts a Meter into a context.
func With(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, contextKey{}, m)
}

// From is the context's Meter, nil where there is none.
func From(ctx context.Context) *Meter {
	m, _ := ctx.Value(contextKey{}).(*Meter)
	return m
}
