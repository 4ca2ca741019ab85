package producers_test

import (
	"strings"
	"testing"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// Publish sends all of its events, or, if one of them cannot be sent, none and no letter.
func TestPublish(t *testing.T) {
	t.Parallel()
	bad := func(change func(*envelope.ResourceEvent)) []envelope.ResourceEvent {
		all := events(3)
		change(&all[2])
		return all
	}
	for _, c := range []struct {
		name   string
		events []envelope.ResourceEvent
		says   string
	}{
		{"none", nil, ""},
		{"three", events(3), ""},
		{"invalid", bad(func(e *envelope.ResourceEvent) { e.Source = "" }), "source"},
		{"too large", bad(func(e *envelope.ResourceEvent) { e.Properties.Set("big", strings.Repeat("x", 201<<10)) }), "larger than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := newArrived()
			into := &sink{t: t, limits: awsLimits, into: func(t *testing.T, m queue.Outgoing) { got.pack(t, m.Body) }}
			dead := &sink{t: t, limits: awsLimits, into: func(t *testing.T, m queue.Outgoing) { t.Errorf("a letter: %.100s", m.Body) }}
			err := producers.Publish(t.Context(), producers.PublisherConfig{Source: source, Queue: into, DeadLetter: dead}, c.events...)
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				got.check(t, c.events, true)
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.says) || into.calls != 0 {
				t.Errorf("error %v, want one that says %q; %d requests", err, c.says, into.calls)
			}
		})
	}
}
