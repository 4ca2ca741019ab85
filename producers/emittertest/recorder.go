// Package emittertest has the emitter that collectors' tests read events from.
package emittertest

import (
	"context"
	"slices"
	"sync"

	"polo/envelope"
	"polo/internal/queue"
)

// Recorder is an emitter that records all it gets. It is read once the collector has ended.
type Recorder struct {
	mu       sync.Mutex
	Events   []envelope.ResourceEvent
	Failures []queue.Failure
	// Flushed holds, for each call of Flush, the number of events emitted before.
	Flushed []int
}

// Emit records events.
func (r *Recorder) Emit(_ context.Context, events ...envelope.ResourceEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events = append(r.Events, events...)
	return nil
}

// Reject records a failure.
func (r *Recorder) Reject(_ context.Context, f queue.Failure) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.Body = slices.Clone(f.Body) // the caller may reuse it
	r.Failures = append(r.Failures, f)
	return nil
}

// Flush records that it was called.
func (r *Recorder) Flush(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Flushed = append(r.Flushed, len(r.Events))
	return nil
}

// Of returns the events of a type.
func (r *Recorder) Of(eventType string) []envelope.ResourceEvent {
	return slices.DeleteFunc(slices.Clone(r.Events), func(e envelope.ResourceEvent) bool { return e.EventType != eventType })
}
