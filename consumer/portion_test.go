package consumer_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
)

// dense returns messages that unpack to many times their size: 100 events of 20 KB each.
func dense(t *testing.T, messages int) []queue.Message {
	t.Helper()
	return denseWith(t, messages, envelope.TypeAPICall)
}

// denseWith is dense with a given type for the first event of each message.
func denseWith(t *testing.T, messages int, first string) []queue.Message {
	t.Helper()
	text := strings.Repeat("the same ", 20_000/9)
	out := make([]queue.Message, messages)
	for i := range out {
		events := make([]envelope.ResourceEvent, 100)
		for k := range events {
			events[k] = event(100*i+k, at)
			events[k].Properties.Set("text", text)
		}
		events[0].EventType = first
		out[i] = message(t, fmt.Sprint("m", i), events...)
	}
	return out
}

// Messages that are large together are decoded and inserted in portions, of 64 MiB of JSON by
// default.
func TestDenseMessagesAreInsertedInPortions(t *testing.T) {
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
	if r.Messages != 41 || r.Events != 4000 || r.Inserted != 4000 || len(dlq.sent) != 1 || slices.Contains(r.Verdicts, consumer.Nack) {
		t.Errorf("%+v, %d letters", r, len(dlq.sent))
	}

	// Messages that were safe before an outage are done; the others, decoded or not, stay on the
	// queue.
	s = &sink{answer: func(call, _ int) error {
		if call == 1 {
			return nil
		}
		return errOutage
	}}
	r, err = newConsumer(t, s, dlq).Process(t.Context(), messages)
	first := s.inserts()[0] / 100
	if !errors.Is(err, errOutage) || slices.Contains(r.Verdicts[:first], consumer.Nack) || slices.Contains(r.Verdicts[first:], consumer.Ack) {
		t.Errorf("%v, the first %d were inserted: %v", err, first, r.Verdicts)
	}
}

// An unreachable dead-letter queue keeps failed messages on the queue, and delays no other portion.
func TestUnsentLettersDelayNoPortion(t *testing.T) {
	t.Parallel()
	messages := append(denseWith(t, 34, "Nonsense"), message(t, "good", event(1_000_000, at)))
	s, dlq := &sink{}, &letters{err: errors.New("out of reach")}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), messages)
	if !errors.Is(err, dlq.err) {
		t.Error(err)
	}
	if got := s.inserts(); !slices.Equal(got, []int{34 * 99, 1}) || r.Verdicts[34] != consumer.Ack || slices.Contains(r.Verdicts[:34], consumer.Ack) {
		t.Errorf("inserts of %v, verdicts %v", got, r.Verdicts)
	}
}

// Dense messages at changing places of a batch, and corrupt ones, leave no more memory behind than
// a portion takes.
func TestMemoryOfDenseMessagesIsFreed(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc >> 20
	}
	messages := dense(t, 40)
	corrupt := slices.Clone(messages)
	for i := range corrupt {
		corrupt[i].Body = corruptID(t, corrupt[i].Body)
	}
	tiny := message(t, "tiny", event(1_000_000, at))
	for name, m := range map[string][]queue.Message{"Good": messages, "Corrupt": corrupt} {
		t.Run(name, func(t *testing.T) {
			c := newConsumer(t, &sink{}, &letters{})
			before := heap()
			for round := range 4 {
				batch := append(slices.Repeat([]queue.Message{tiny}, 40*round), m...)
				if _, err := c.Process(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
			}
			if name == "Corrupt" {
				if _, err := c.Process(t.Context(), slices.Repeat(m, 4)); err != nil {
					t.Fatal(err)
				}
			}
			if kept := heap() - before; kept > 220 {
				t.Errorf("%d MB are kept", kept)
			} else {
				t.Logf("%d MB are kept", kept)
			}
			runtime.KeepAlive(c)
		})
	}
}

// corruptID changes a pack's batch_id.
func corruptID(t *testing.T, body string) string {
	t.Helper()
	head, tail, found := strings.Cut(body, `"batch_id":"`)
	if !found {
		t.Fatal("the pack has no batch_id")
	}
	digit := "0"
	if tail[0] == '0' {
		digit = "1"
	}
	return head + `"batch_id":"` + digit + tail[1:]
}

// An unreachable dead-letter queue delays no message that is tried after one that needs it.
func TestUnsentLettersDelayNoMessageTriedAlone(t *testing.T) {
	t.Parallel()
	s := &sink{answer: func(_, rows int) error {
		if rows > 1 {
			panic("too many")
		}
		return nil
	}}
	dlq := &letters{err: errors.New("out of reach")}
	messages := []queue.Message{{ID: "bad", Body: "no pack", ReceiveCount: 1}, message(t, "one", event(1, at)), message(t, "two", event(2, at))}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), messages)
	if want := []consumer.Verdict{consumer.Nack, consumer.Ack, consumer.Ack}; !errors.Is(err, dlq.err) || !slices.Equal(r.Verdicts, want) {
		t.Errorf("%v, verdicts %v", err, r.Verdicts)
	}
}
