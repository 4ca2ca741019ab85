package faults_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"polo/local/sqsserver"
)

// The queue injects every fault into sends, receives and deletes.
func TestQueueFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		faults sqsserver.Faults
	}{
		{"throttled", sqsserver.Faults{Throttle: 0.3}},
		{"server errors", sqsserver.Faults{ServerError: 0.3}},
		{"partial batch failures", sqsserver.Faults{PartialBatch: 0.3}},
		{"the acknowledge is lost", sqsserver.Faults{LostAck: 0.3}},
		{"duplicates out of order", sqsserver.Faults{Duplicate: 0.5, Reorder: 0.9}},
		{"all of it", sqsserver.Faults{Throttle: 0.1, ServerError: 0.1, PartialBatch: 0.1, LostAck: 0.1, Duplicate: 0.2, Reorder: 0.5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			random := seedOf(t)
			r := newRig(t)
			c.faults.Seed = random.Uint64()
			r.server.SetFaults(c.faults)
			consumer := r.startConsumer(t)
			r.send(t, packsOf(t, random, workload(), 60)...)
			r.awaitEmpty(t)
			consumer.stop(t)
			r.server.SetFaults(sqsserver.Faults{})
			r.wantUndisturbed(t)
		})
	}
}

// The dead-letter queue is unreachable: good events are inserted, and failed messages
// stay on the queue until their letters can be sent.
func TestDeadLetterQueueIsOutOfReach(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})}
	go func() { _ = gone.Serve(l) }()
	defer func() { _ = gone.Close() }()
	c := r.startConsumer(t, func(o *order) { o.DLQEndpoint = "http://" + l.Addr().String() })
	bodies := packsOf(t, random, workload(), 60)
	const bad = 30
	for i := range bad {
		bodies = append(bodies, fmt.Sprintf("no pack %d", i))
	}
	random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	r.send(t, bodies...)
	r.awaitRows(t, 4000)
	time.Sleep(time.Second)
	stats, err := r.queue.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left := stats.Visible + stats.InFlight; left < bad {
		t.Errorf("%d messages are left while %d letters could not be sent", left, bad)
	}
	c.stop(t)
	c = r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	got := map[string]bool{}
	for _, f := range r.letters(t) {
		got[string(f.Body)] = true
	}
	if len(got) != bad {
		t.Errorf("%d of %d failures are in the dead-letter queue", len(got), bad)
	}
	r.wantUndisturbed(t)
}
