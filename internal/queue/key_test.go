package queue_test

import (
	"testing"
	"time"

	"polo/internal/queue"
)

func TestKeyIdentifiesTheFailure(t *testing.T) {
	t.Parallel()
	f := queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: "a.json: cut at byte 7", Unit: queue.UnitRecord, Body: []byte("{"), Origin: "a.json#1",
		FirstSeen: time.Unix(1, 0), LastSeen: time.Unix(1, 0),
	}
	again := f
	again.FirstSeen, again.LastSeen, again.MessageID, again.ReceiveCount = time.Unix(9, 0), time.Unix(9, 0), "m", 3
	if f.Key() != again.Key() {
		t.Error("the same failure at another time has another key")
	}
	for what, change := range map[string]func(*queue.Failure){
		"reason": func(f *queue.Failure) { f.Reason = queue.ReasonUnknownRecord },
		"unit":   func(f *queue.Failure) { f.Unit = queue.UnitPart },
		"place":  func(f *queue.Failure) { f.Origin = "a.json#2" },
		"body":   func(f *queue.Failure) { f.Body = []byte("[") },
		// A failure of a replayed message must differ from the failure that was
		// replayed.
		"replays":     func(f *queue.Failure) { f.ReplayCount = 1 },
		"parts moved": func(f *queue.Failure) { f.Origin, f.Body = "a.json#", []byte("1{") },
	} {
		other := f
		change(&other)
		if f.Key() == other.Key() {
			t.Errorf("another %s has the same key", what)
		}
	}
}
