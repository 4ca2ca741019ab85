package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
	"polo/internal/telemetry"
	"polo/producers/github/webhooks"
)

type sender struct{ err error }

func (s sender) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	return slices.Repeat([]error{s.err}, len(batch))
}

func (sender) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

// event holds a signed delivery, one that is not signed, and one that is no JSON.
func event() events.SQSEvent {
	var e events.SQSEvent
	add := func(id, body, secret string) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		attributes := map[string]events.SQSMessageAttribute{}
		for name, value := range map[string]string{"X-GitHub-Event": "ping", "X-GitHub-Delivery": id, "X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil))} {
			attributes[name] = events.SQSMessageAttribute{StringValue: &value, DataType: "String"}
		}
		e.Records = append(e.Records, events.SQSMessage{MessageId: id, Body: body, Attributes: map[string]string{"SentTimestamp": "1760000000000"}, MessageAttributes: attributes})
	}
	add("a", `{"zen":"z","organization":{"login":"acme"}}`, "s")
	add("b", `{"zen":"z"}`, "other")
	add("c", `no JSON`, "s")
	return e
}

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		failed  []events.SQSBatchItemFailure
		metrics map[string]float64
	}{
		"well":            {failed: []events.SQSBatchItemFailure{{ItemIdentifier: "b"}}, metrics: map[string]float64{"Events": 1, "Rejected": 1, "Refused": 1}},
		"nothing is sent": {err: errors.New("AccessDenied")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			receiver, err := webhooks.New(t.Context(), webhooks.Config{
				Queue: sender{c.err}, DeadLetter: sender{}, Secret: func(context.Context) (string, error) { return "s", nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			h := handler{receiver, telemetry.NewMetrics(&out, time.Now), slog.New(slog.DiscardHandler)}
			response, err := h.handle(t.Context(), event())
			if !errors.Is(err, c.err) || (err != nil) != (c.err != nil) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(c.failed, response.BatchItemFailures); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			var got map[string]float64
			var all map[string]any
			if out.Len() > 0 {
				if err := json.Unmarshal(out.Bytes(), &all); err != nil || all["Source"] != "github.webhooks" {
					t.Errorf("%s: %v", out.String(), err)
				}
				got = map[string]float64{}
			}
			for name := range c.metrics {
				got[name], _ = all[name].(float64)
			}
			if diff := cmp.Diff(c.metrics, got); diff != "" {
				t.Errorf("metrics (-want +got):\n%s", diff)
			}
		})
	}
}
