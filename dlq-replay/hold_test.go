package main

import (
	"testing"
	"time"

	"polo/internal/queue"
	"polo/local/sqsserver"
)

// A letter is held for --hold from its receipt, whatever the queue's visibility timeout: that is
// how long it stays invisible if the reader is killed.
func TestLetterIsHeldFromItsReceipt(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, failure(queue.ReasonInvalidEvent, event(1)))
	o, err := queues{Endpoint: b.url, Region: "us-east-1", DLQ: "polo-events-dlq", Queue: "polo-events", Hold: time.Second}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := o.dlq.Receive(t.Context(), 10, 0); err != nil || len(got) != 1 {
		t.Fatalf("%d letters: %v", len(got), err)
	}
	received := time.Now()
	for {
		got, err := b.dlq.Receive(t.Context(), 10, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 1 {
			break
		}
	}
	if passed := time.Since(received); passed < 500*time.Millisecond || passed > 2500*time.Millisecond {
		t.Errorf("it came back after %s, want about a second", passed)
	}
}
