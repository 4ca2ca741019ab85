package sqs_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"polo/internal/queue"
	"polo/internal/queue/queuetest"
	"polo/internal/queue/sqs"
	"polo/local/sqsserver"
)

// arrives sends through a FaultInjector and receives without one: every message must
// arrive at least once, and its ack must hold.
func arrives(t *testing.T, next aws.HTTPClient, endpoint string) {
	t.Helper()
	injector := queuetest.NewFaultInjector(next, 7)
	cfg := testConfig()
	cfg.HTTPClient = injector
	open := opener(sqs.NewClient(cfg, endpoint))
	q := open(t)
	policy := queue.Retry{Initial: time.Millisecond, Max: 20 * time.Millisecond}
	var out []queue.Outgoing
	for i := range 300 {
		out = append(out, queue.Outgoing{Body: fmt.Sprintf("message %d", i), Attributes: map[string]string{"n": fmt.Sprint(i)}})
	}
	if err := queue.SendAll(t.Context(), q, out, policy); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	for {
		messages, err := q.Receive(t.Context(), 10, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			break
		}
		var receipts []string
		for _, m := range messages {
			if m.Body != "message "+m.Attributes["n"] {
				t.Errorf("%q came with attribute %q", m.Body, m.Attributes["n"])
			}
			seen[m.Body]++
			receipts = append(receipts, m.Receipt)
		}
		if err := queue.ExtendAll(t.Context(), q, receipts, time.Minute, policy); err != nil {
			t.Fatal(err)
		}
		if err := queue.DeleteAll(t.Context(), q, receipts, policy); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range out {
		if seen[o.Body] == 0 {
			t.Errorf("%q never arrived", o.Body)
		}
	}
	stats, err := q.Stats(t.Context())
	if err != nil || !stats.Empty() || len(seen) != len(out) {
		t.Errorf("%d different messages of %d; then %+v, error %v", len(seen), len(out), stats, err)
	}
	for _, fault := range []string{"throttled", "5xx", "lost request", "lost answer", "partial"} {
		if injector.Faults()[fault] == 0 {
			t.Errorf("fault %q never happened", fault)
		}
	}
	t.Logf("faults: %v", injector.Faults())
}

func TestInjectedFaultsMoto(t *testing.T) {
	t.Parallel()
	arrives(t, awshttp.NewBuildableClient(), queuetest.StartMoto(t))
}

// The embedded server's own faults affect every call, receives included.
func TestFaultsLocal(t *testing.T) {
	t.Parallel()
	server, endpoint := startLocal(t)
	cfg := testConfig()
	cfg.HTTPClient = server.Client()
	q := opener(sqs.NewClient(cfg, endpoint))(t)
	server.SetFaults(sqsserver.Faults{
		Seed: 3, Duplicate: 0.1, Reorder: 0.3, Throttle: 0.1, ServerError: 0.1, PartialBatch: 0.1, LostAck: 0.1,
	})
	policy := queue.Retry{Initial: time.Millisecond, Max: 20 * time.Millisecond}
	var out []queue.Outgoing
	for i := range 2000 {
		out = append(out, queue.Outgoing{Body: fmt.Sprintf("message %d", i)})
	}
	if err := queue.SendAll(t.Context(), q, out, policy); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	transient := 0
	for empty := 0; empty < 3; {
		messages, err := q.Receive(t.Context(), 10, 0)
		if errors.Is(err, queue.ErrTransient) {
			transient++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			empty++
			continue
		}
		var receipts []string
		for _, m := range messages {
			seen[m.Body]++
			receipts = append(receipts, m.Receipt)
		}
		if err := queue.DeleteAll(t.Context(), q, receipts, policy); err != nil {
			t.Fatal(err)
		}
	}
	doubled := 0
	for _, o := range out {
		if seen[o.Body] == 0 {
			t.Errorf("%q never arrived", o.Body)
		}
		doubled += seen[o.Body] - 1
	}
	server.SetFaults(sqsserver.Faults{})
	stats, err := q.Stats(t.Context())
	if err != nil || !stats.Empty() || len(seen) != len(out) {
		t.Errorf("%d different messages of %d; then %+v, error %v", len(seen), len(out), stats, err)
	}
	if doubled == 0 || transient == 0 {
		t.Errorf("the faults left no trace: %d doubled, %d receives failed", doubled, transient)
	}
	t.Logf("%d doubled, %d receives failed", doubled, transient)
}

func TestInjectedFaultsLocal(t *testing.T) {
	t.Parallel()
	server, endpoint := startLocal(t)
	arrives(t, server.Client(), endpoint)
}
