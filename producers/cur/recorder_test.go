package cur_test

import (
	"testing"
	"time"

	"polo/producers/emittertest"

	"polo/envelope"
	"polo/producers"
	"polo/producers/cur"
)

// observed is the tests' clock.
var observed = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// collect reads an input, and checks what must hold for every collection.
func collect(t *testing.T, f cur.Files) (cur.Summary, *emittertest.Recorder) {
	t.Helper()
	s, r, err := tryCollect(t, f)
	if err != nil {
		t.Fatalf("Collect: %v", err)
	}
	return s, r
}

func tryCollect(t *testing.T, f cur.Files) (cur.Summary, *emittertest.Recorder, error) {
	t.Helper()
	f.Identity = producers.DefaultIdentity()
	if f.ObservedAt.IsZero() {
		f.ObservedAt = observed
	}
	r := &emittertest.Recorder{}
	s, err := f.Collect(t.Context(), r)
	seen := map[string]bool{}
	lines := r.Of(envelope.TypeCostAccrued)
	for _, e := range r.Events {
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
	if rejected != int64(len(r.Failures)) {
		t.Errorf("the summary has %d rejections, %d came", rejected, len(r.Failures))
	}
	return s, r, err
}
