package producers_test

import (
	"strings"
	"testing"

	"polo/envelope"
	"polo/internal/queue"
)

// TestPublishesNoSecret: what a collector emits or rejects is published redacted.
func TestPublishesNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "vK7qPz2mWx"
	r := newRig(t, nil)
	whole, bad := event(1), invalid(2)
	for _, e := range []*envelope.ResourceEvent{&whole, &bad} {
		e.Tags = envelope.PairsOf(map[string]string{"DBPassword": secret, "team": "x"})
		e.Properties = envelope.PairsOf(map[string]string{
			"environment": `[{"name":"API_TOKEN","value":"` + secret + `"}]`, "command": "run --password=" + secret, "error_message": "GET https://u:" + secret + "@h/: refused",
		})
	}
	if err := r.Emit(t.Context(), whole, bad); err != nil {
		t.Fatal(err)
	}
	if err := r.Reject(t.Context(), queue.Failure{Reason: "r", Err: "password=" + secret, Unit: queue.UnitRecord, Body: []byte(`{"secret":"` + secret + `"}`)}); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if len(r.got.events) != 1 || len(r.got.failures) != 2 {
		t.Fatalf("%d events and %d failures came", len(r.got.events), len(r.got.failures))
	}
	for text := range r.got.events {
		if strings.Contains(text, secret) || strings.Count(text, "***") != 4 || !strings.Contains(text, `"team":"x"`) {
			t.Errorf("published %s", text)
		}
	}
	for text, f := range r.got.failures {
		if strings.Contains(text+f.Err, secret) || len(f.Redacted) == 0 {
			t.Errorf("a letter holds %s, error %s, places %q", text, f.Err, f.Redacted)
		}
	}
}
