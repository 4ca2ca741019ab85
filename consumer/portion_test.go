package consumer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
)

// dense are messages that hold many times what they weigh: 100 events of 20 KB each.
func dense(t *testing.T, messages int) []queue.Message {
	t.Helper()
	text := strings.Repeat("the same ", 20_000/9)
	out := make([]queue.Message, messages)
	for i := range out {
		events := make([]envelope.ResourceEvent, 100)
		for k := range events {
			events[k] = event(100*i+k, at)
			events[k].Properties.Set("text", text)
		}
		out[i] = message(t, fmt.Sprint("m", i), events...)
	}
	return out
}

// Messages that are much together are decoded and inserted by portions of 64 MiB of JSON.
func TestDenseMessagesAreTakenByPortions(t *testing.T) {
	t.Parallel()
	messages := dense(t, 40)
	messages = append(messages, queue.Message{ID: "bad", Body: "no pack", ReceiveCount: 1})
	s, dlq := &sink{}, &letters{}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.inserts(); len(got) != 2 || got[0] > 3500 || got[0]+got[1] != 4000 {
		t.Errorf("4000 events of 20 KB in inserts of %v", got)
	}
	if r.Messages != 41 || r.Events != 4000 || r.Inserted != 4000 || len(dlq.sent) != 1 || slices.Contains(r.Verdicts, consumer.Retry) {
		t.Errorf("%+v, %d letters", r, len(dlq.sent))
	}

	// What was safe before an outage is done; the rest, decoded or not, stays on the queue.
	s = &sink{answer: func(call, _ int) error {
		if call == 1 {
			return nil
		}
		return errOutage
	}}
	r, err = newConsumer(t, s, dlq).Process(t.Context(), messages)
	first := s.inserts()[0] / 100
	if !errors.Is(err, errOutage) || slices.Contains(r.Verdicts[:first], consumer.Retry) || slices.Contains(r.Verdicts[first:], consumer.Done) {
		t.Errorf("%v, the first %d were inserted: %v", err, first, r.Verdicts)
	}
}
