package cloudtrail_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"polo/producers/emittertest"

	"polo/envelope"
	"polo/producers/cloudtrail"
)

// observed is the tests' clock.
var observed = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// recorder keeps the events that a collector emits.
type recorder struct{ emittertest.Recorder }

// sorted returns the emitted events in a fixed order.
func (r *recorder) sorted() []envelope.ResourceEvent {
	slices.SortFunc(r.Events, func(a, b envelope.ResourceEvent) int { return cmp.Compare(a.EventID.String(), b.EventID.String()) })
	return r.Events
}

func (r *recorder) activities() int {
	n := 0
	for _, e := range r.Events {
		if isActivity(e.EventType) {
			n++
		}
	}
	return n
}

func isActivity(typ string) bool {
	switch typ {
	case envelope.TypeAPICall, envelope.TypeConsoleSignIn, envelope.TypeServiceEvent, envelope.TypeInsight, envelope.TypeAggregated:
		return true
	}
	return false
}

// normalise returns the outcome of one record and checks what must hold for every one.
func normalise(t *testing.T, n *cloudtrail.Normaliser, record string) cloudtrail.Outcome {
	t.Helper()
	out, err := n.Normalise([]byte(record), observed)
	if err != nil {
		t.Fatalf("Normalise: %v", err)
	}
	check(t, out)
	return out
}

// check checks an outcome: one activity, first; all valid; no id and no resource twice.
func check(t testing.TB, out cloudtrail.Outcome) {
	t.Helper()
	seen := make(map[string]bool)
	for i := range out.Events {
		e := &out.Events[i]
		if err := e.Validate(); err != nil {
			t.Errorf("event %d (%s): %v", i, e.EventType, err)
		}
		if isActivity(e.EventType) != (i == 0) {
			t.Errorf("event %d is %s", i, e.EventType)
		}
		if !e.TS.Equal(out.Events[0].TS) {
			t.Errorf("event %d has another time than the activity", i)
		}
		key := "resource " + e.ARN
		if i == 0 {
			key = "activity"
		}
		if seen[key] || seen[e.EventID.String()] {
			t.Errorf("event %d occurs twice: %s %s", i, e.EventType, e.ARN)
		}
		seen[key], seen[e.EventID.String()] = true, true
	}
	if len(out.Events) == 0 {
		t.Error("no event")
	} else if got := out.Events[0].Properties.Get("arn_resolution"); got != string(out.How) {
		t.Errorf("arn_resolution is %q, How is %q", got, out.How)
	}
}
