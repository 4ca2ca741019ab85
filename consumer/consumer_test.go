package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
	"polo/schema"
)

var (
	errOutage  = errors.New("connection refused")
	errRefused = errors.New("value refused")
)

// sink answers inserts as configured, and records their sizes and tokens. The integration suite
// reads rows back from a real ClickHouse.
type sink struct {
	mu     sync.Mutex
	answer func(call, rows int) error
	rows   []int
	tokens []string
	ping   error
	pings  int
}

func (s *sink) Insert(_ context.Context, rows *schema.Rows, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows, s.tokens = append(s.rows, rows.Len()), append(s.tokens, token)
	if s.answer == nil {
		return nil
	}
	return s.answer(len(s.rows), rows.Len())
}

func (s *sink) Refused(err error) bool { return errors.Is(err, errRefused) }

// inserts returns the sizes of the inserts so far.
func (s *sink) inserts() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rows)
}

func (s *sink) Ping(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pings++
	return s.ping
}

// letters is a dead-letter queue.
type letters struct {
	err  error
	mu   sync.Mutex
	sent []queue.Outgoing
}

func (l *letters) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (l *letters) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		errs := make([]error, len(batch))
		for i := range errs {
			errs[i] = l.err
		}
		return errs
	}
	l.sent = append(l.sent, batch...)
	return nil
}

func (l *letters) failures(t *testing.T) []queue.Failure {
	t.Helper()
	out := make([]queue.Failure, len(l.sent))
	for i, m := range l.sent {
		f, err := queue.ParseFailure(queue.Message{Body: m.Body, Attributes: m.Attributes})
		if err != nil {
			t.Fatal(err)
		}
		out[i] = f
	}
	return out
}

var at = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

func event(n int, observed time.Time) envelope.ResourceEvent {
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID("test", at, fmt.Sprint(n)), EventType: envelope.TypeAPICall, Source: "test",
		TS: at, ObservedAt: observed, Properties: envelope.PairsOf(map[string]string{"n": fmt.Sprint(n)}),
	}
}

// message packs events; id also names its receipt.
func message(t *testing.T, id string, events ...envelope.ResourceEvent) queue.Message {
	t.Helper()
	lines := make([][]byte, len(events))
	for i := range events {
		lines[i] = events[i].AppendJSON(nil)
	}
	packs, _, err := envelope.EncodePacks("test", lines, 1<<20)
	if err != nil || len(packs) != 1 {
		t.Fatalf("%d packs, %v", len(packs), err)
	}
	return queue.Message{ID: id, Queue: "q", Receipt: id, Body: packs[0].Body, ReceiveCount: 2, FirstReceivedAt: at}
}

func newConsumer(t *testing.T, s consumer.Sink, dlq queue.Sender) *consumer.Consumer {
	t.Helper()
	c, err := consumer.New(consumer.Config{
		Sink: s, DeadLetter: dlq, InsertRetry: 300 * time.Millisecond, Now: func() time.Time { return at.Add(time.Hour) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProcess(t *testing.T) {
	t.Parallel()
	bad := event(9, at)
	bad.EventType = "Nonsense"
	newer := event(1, at.Add(time.Minute))
	type result struct {
		Verdicts                     []consumer.Verdict
		Events, Inserted, Duplicates int
		DeadLettered                 map[queue.Reason]int
		Rows                         []int
	}
	for _, c := range []struct {
		name     string
		messages []queue.Message
		answer   func(call, rows int) error
		want     result
	}{
		{
			"good messages are one insert",
			[]queue.Message{message(t, "a", event(1, at), event(2, at)), message(t, "b", event(3, at))},
			nil,
			result{Verdicts: []consumer.Verdict{consumer.Ack, consumer.Ack}, Events: 3, Inserted: 3, Rows: []int{3}},
		},
		{
			"duplicates and restatements collapse",
			[]queue.Message{message(t, "a", event(1, at)), message(t, "b", newer, event(1, at))},
			nil,
			result{Verdicts: []consumer.Verdict{consumer.Ack, consumer.Ack}, Events: 3, Inserted: 1, Duplicates: 2, Rows: []int{1}},
		},
		{
			"a bad event harms no neighbour",
			[]queue.Message{message(t, "a", event(1, at), bad, event(2, at))},
			nil,
			result{
				Verdicts: []consumer.Verdict{consumer.Ack}, Events: 3, Inserted: 2, Rows: []int{2},
				DeadLettered: map[queue.Reason]int{queue.ReasonInvalidEvent: 1},
			},
		},
		{
			"a message that is no pack harms no other",
			[]queue.Message{{ID: "x", Body: "hello"}, message(t, "a", event(1, at))},
			nil,
			result{
				Verdicts: []consumer.Verdict{consumer.Ack, consumer.Ack}, Events: 1, Inserted: 1, Rows: []int{1},
				DeadLettered: map[queue.Reason]int{queue.ReasonMalformedPack: 1},
			},
		},
		{
			"a short outage is waited for",
			[]queue.Message{message(t, "a", event(1, at))},
			func(call, _ int) error {
				if call == 1 {
					return errOutage
				}
				return nil
			},
			result{Verdicts: []consumer.Verdict{consumer.Ack}, Events: 1, Inserted: 1, Rows: []int{1, 1}},
		},
		{
			"a refused block is halved down to the row",
			[]queue.Message{message(t, "a", event(1, at), event(2, at), event(3, at), event(4, at))},
			func(call, _ int) error {
				if call == 1 || call == 3 || call == 4 {
					return errRefused
				}
				return nil
			},
			result{
				Verdicts: []consumer.Verdict{consumer.Ack}, Events: 4, Inserted: 3, Rows: []int{4, 2, 2, 1, 1},
				DeadLettered: map[queue.Reason]int{queue.ReasonRefusedEvent: 1},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, dlq := &sink{answer: c.answer}, &letters{}
			r, err := newConsumer(t, s, dlq).Process(t.Context(), c.messages)
			if err != nil {
				t.Fatal(err)
			}
			if c.want.DeadLettered == nil {
				c.want.DeadLettered = map[queue.Reason]int{}
			}
			got := result{r.Verdicts, r.Events, r.Inserted, r.Duplicates, r.DeadLettered, s.rows}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutageFailsTheBatchAndSendsNothing(t *testing.T) {
	t.Parallel()
	s, dlq := &sink{answer: func(int, int) error { return errOutage }}, &letters{}
	messages := []queue.Message{message(t, "a", event(1, at)), {ID: "x", Body: "no pack"}}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), messages)
	if !errors.Is(err, errOutage) {
		t.Errorf("error %v, want the outage", err)
	}
	if len(dlq.sent) != 0 {
		t.Errorf("%d messages in the dead-letter queue during an outage", len(dlq.sent))
	}
	if diff := cmp.Diff([]consumer.Verdict{consumer.Nack, consumer.Nack}, r.Verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestUnreachableDeadLetterQueueKeepsTheMessage(t *testing.T) {
	t.Parallel()
	s, dlq := &sink{}, &letters{err: errors.New("access denied")}
	messages := []queue.Message{message(t, "a", event(1, at)), {ID: "x", Body: "no pack"}}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]consumer.Verdict{consumer.Ack, consumer.Nack}, r.Verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestFailureExplainsItself(t *testing.T) {
	t.Parallel()
	bad := event(9, at)
	bad.Source, bad.Properties = "", envelope.PairsOf(map[string]string{"note": "hunter2"})
	dlq := &letters{}
	if _, err := newConsumer(t, &sink{}, dlq).Process(t.Context(), []queue.Message{message(t, "a", event(1, at), bad)}); err != nil {
		t.Fatal(err)
	}
	got := dlq.failures(t)
	want := []queue.Failure{{
		Reason: queue.ReasonInvalidEvent, Unit: queue.UnitEvent, Body: bad.AppendJSON(nil), Origin: "q", MessageID: "a",
		ReceiveCount: 2, FirstSeen: at, LastSeen: at.Add(time.Hour),
		Err: fmt.Sprintf("event 2 of 2: invalid event %s: source: missing", bad.EventID),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.Contains(got[0].Err, "hunter2") {
		t.Error("the error repeats a value")
	}
}

// TestTokenIdentifiesTheDelivery: a retried insert is the same block; a redelivered message, or other
// content, is not.
func TestTokenIdentifiesTheDelivery(t *testing.T) {
	t.Parallel()
	s := &sink{answer: func(call, _ int) error {
		if call == 1 {
			return errOutage
		}
		return nil
	}}
	c := newConsumer(t, s, &letters{})
	first := message(t, "a", event(1, at))
	again, other := first, message(t, "a", event(1, at.Add(time.Second)))
	again.ReceiveCount++
	for _, m := range []queue.Message{first, again, other} {
		if _, err := c.Process(t.Context(), []queue.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.tokens) != 4 || s.tokens[0] != s.tokens[1] {
		t.Fatalf("tokens %v: the second try is another block", s.tokens)
	}
	if s.tokens[1] == s.tokens[2] || s.tokens[1] == s.tokens[3] || s.tokens[2] == s.tokens[3] {
		t.Errorf("tokens %v: another delivery, or other content, is the same block", s.tokens)
	}
}
