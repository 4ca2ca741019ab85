package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// batch is an event of two messages: three statements, two of them of one fact, and a body
// that is no pack.
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

// told reads what was written as metrics, by reason.
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

func TestABatchIsTold(t *testing.T) {
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
			consume, err := consumer.New(consumer.Config{Sink: sink{c.err}, DeadLetter: dlq, QueueName: "q", InsertRetry: time.Millisecond, Now: at})
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
