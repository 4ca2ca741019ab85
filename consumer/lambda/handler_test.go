package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/telemetry"
	"polo/schema"
)

type sink struct{ err error }

func (s sink) Insert(context.Context, *schema.Rows, string) error { return s.err }

func (s sink) Ping(context.Context) error { return s.err }

func (sink) Refused(error) bool { return false }

type letters struct{ n int }

func (l *letters) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	l.n += len(batch)
	return make([]error, len(batch))
}

func (*letters) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func at() time.Time { return time.UnixMilli(1_760_000_060_000) }

// batch returns an event with two messages: three statements, two of one fact, and a body that is
// no pack.
func batch(t *testing.T) events.SQSEvent {
	t.Helper()
	var lines [][]byte
	for i := range 3 {
		e := envelope.ResourceEvent{
			EventID: envelope.NewEventID("test", at(), fmt.Sprint(i/2)), EventType: envelope.TypeAPICall, Source: "test", TS: at(),
			ObservedAt: at().Add(time.Duration(i) * time.Second),
		}
		lines = append(lines, e.AppendJSON(nil))
	}
	packs, _, err := envelope.EncodePacks("test", lines, 1<<20)
	if err != nil || len(packs) != 1 {
		t.Fatalf("%d packs: %v", len(packs), err)
	}
	sent := map[string]string{"SentTimestamp": "1760000000000", "ApproximateReceiveCount": "1"}
	return events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "a", Body: packs[0].Body, Attributes: sent}, {MessageId: "b", Body: "no pack", Attributes: sent},
	}}
}

// told returns the metrics written, by reason.
func told(t *testing.T, text string) map[string]map[string]float64 {
	t.Helper()
	out := map[string]map[string]float64{}
	for line := range strings.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		reason, _ := m["Reason"].(string)
		out[reason] = map[string]float64{}
		for name, v := range m {
			if n, ok := v.(float64); ok {
				out[reason][name] = n
			}
		}
	}
	return out
}

// oneInsert accepts one insert, and no other.
type oneInsert struct{ taken bool }

func (s *oneInsert) Insert(context.Context, *schema.Rows, string) error {
	if s.taken {
		return errors.New("no answer")
	}
	s.taken = true
	return nil
}

func (*oneInsert) Ping(context.Context) error { return nil }

func (*oneInsert) Refused(error) bool { return false }

// Messages done before an outage are deleted: otherwise each delivery would send their failures to
// the dead-letter queue again.
func TestMessagesDoneBeforeAnOutageAreDeleted(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("the same ", 20_000/9)
	var e events.SQSEvent
	for i := range 40 { // 80 MB of JSON, more than a portion
		var lines [][]byte
		for k := range 100 {
			v := envelope.ResourceEvent{EventID: envelope.NewEventID("test", at(), fmt.Sprint(i, k)), EventType: envelope.TypeAPICall, Source: "test", TS: at(), ObservedAt: at()}
			if v.Properties.Set("text", text); i == 0 && k == 0 {
				v.EventType = "Nonsense"
			}
			lines = append(lines, v.AppendJSON(nil))
		}
		packs, _, err := envelope.EncodePacks("test", lines, 1<<20)
		if err != nil || len(packs) != 1 {
			t.Fatalf("%d packs: %v", len(packs), err)
		}
		e.Records = append(e.Records, events.SQSMessage{MessageId: fmt.Sprint("m", i), Body: packs[0].Body, Attributes: map[string]string{"ApproximateReceiveCount": "1"}})
	}
	s, dlq := &oneInsert{}, &letters{}
	consume, err := consumer.New(consumer.Config{Sink: s, DeadLetter: dlq, InsertRetry: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	h := handler{consumer: consume, metrics: telemetry.NewMetrics(io.Discard, at), log: slog.New(slog.DiscardHandler), now: at}
	response, err := h.handle(t.Context(), e)
	left := len(response.BatchItemFailures)
	if err != nil || left == 0 || left >= 20 || dlq.n != 1 {
		t.Fatalf("%d of 40 messages are left (%v), %d letters", left, err, dlq.n)
	}
	e.Records = e.Records[40-left:]
	if _, err = h.handle(t.Context(), e); err == nil || dlq.n != 1 {
		t.Errorf("the next invocation: %v, %d letters", err, dlq.n)
	}
}

func TestBatchIsReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err      error
		failures int
		want     map[string]map[string]float64
	}{
		"well": {nil, 0, map[string]map[string]float64{
			"":               {"Events": 3, "Inserted": 2, "Duplicates": 1, "DeadLettered": 1, "Retries": 0, "Outages": 0, "LagSeconds": 60},
			"malformed_pack": {"DeadLettered": 1},
		}},
		"an outage": {errors.New("no answer"), -1, map[string]map[string]float64{
			"": {"Events": 3, "Inserted": 0, "Duplicates": 1, "DeadLettered": 0, "Outages": 1, "LagSeconds": 60},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dlq := &letters{}
			consume, err := consumer.New(consumer.Config{Sink: sink{c.err}, DeadLetter: dlq, InsertRetry: time.Millisecond, Now: at})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			h := handler{consumer: consume, metrics: telemetry.NewMetrics(&out, at), log: slog.New(slog.DiscardHandler), now: at}
			response, err := h.handle(t.Context(), batch(t))
			if (err != nil) != (c.failures < 0) || err == nil && len(response.BatchItemFailures) != c.failures {
				t.Errorf("it answers %+v, %v", response, err)
			}
			got := told(t, out.String())
			delete(got[""], "InsertMilliseconds") // its clock stands still
			if c.err != nil {
				delete(got[""], "Retries")
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
