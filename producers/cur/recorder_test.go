package cur_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/cur"
)

// observed is the tests' clock.
var observed = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// recorder keeps the events that a collector emits.
type recorder struct {
	mu       sync.Mutex
	events   []envelope.ResourceEvent
	failures []queue.Failure
	// flushed holds, for each call of Flush, the number of events emitted before.
	flushed []int
}

func (r *recorder) Emit(_ context.Context, events ...envelope.ResourceEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, events...)
	return nil
}

func (r *recorder) Reject(_ context.Context, f queue.Failure) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.Body = slices.Clone(f.Body)
	r.failures = append(r.failures, f)
	return nil
}

func (r *recorder) Flush(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flushed = append(r.flushed, len(r.events))
	return nil
}

// of returns the events of a type.
func (r *recorder) of(eventType string) []envelope.ResourceEvent {
	return slices.DeleteFunc(slices.Clone(r.events), func(e envelope.ResourceEvent) bool { return e.EventType != eventType })
}

// collect reads an input, and checks what must hold for every collection.
func collect(t *testing.T, f cur.Files) (cur.Summary, *recorder) {
	t.Helper()
	s, r, err := tryCollect(t, f)
	if err != nil {
		t.Fatalf("Collect: %v", err)
	}
	return s, r
}

func tryCollect(t *testing.T, f cur.Files) (cur.Summary, *recorder, error) {
	t.Helper()
	f.Identity = producers.DefaultIdentity()
	if f.ObservedAt.IsZero() {
		f.ObservedAt = observed
	}
	r := &recorder{}
	s, err := f.Collect(t.Context(), r)
	seen := map[string]bool{}
	lines := r.of(envelope.TypeCostAccrued)
	for _, e := range r.events {
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", e.EventType, err)
		}
		if !e.ObservedAt.Equal(f.ObservedAt) {
			t.Errorf("%s was observed at %v, the scan at %v", e.EventType, e.ObservedAt, f.ObservedAt)
		}
		if seen[e.EventID.String()] {
			t.Errorf("event id %s occurs twice", e.EventID)
		}
		seen[e.EventID.String()] = true
	}
	if s.Events != int64(len(lines)) {
		t.Errorf("the summary has %d events, %d came", s.Events, len(lines))
	}
	var rejected int64
	for _, n := range s.Rejected {
		rejected += n
	}
	if rejected != int64(len(r.failures)) {
		t.Errorf("the summary has %d rejections, %d came", rejected, len(r.failures))
	}
	return s, r, err
}
