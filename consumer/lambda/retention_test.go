package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"polo/consumer"
	"polo/internal/telemetry"
)

// The queue is asked until it answers, then never again.
func TestRetentionIsLearnt(t *testing.T) {
	t.Parallel()
	var asked []string
	answer := errors.New("no answer")
	r := &retention{log: slog.New(slog.DiscardHandler), ask: func(_ context.Context, arn string) (time.Duration, error) {
		asked = append(asked, arn)
		return time.Hour, answer
	}}
	consume, err := consumer.New(consumer.Config{Sink: sink{}, DeadLetter: &letters{}})
	if err != nil {
		t.Fatal(err)
	}
	h := handler{consumer: consume, retention: r, metrics: telemetry.NewMetrics(io.Discard, at), log: r.log, now: at}
	e := batch(t)
	e.Records[0].EventSourceARN = "arn:q"
	invoke := func() {
		t.Helper()
		if _, err := h.handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	invoke()
	if got := r.get(); got != standardRetention {
		t.Errorf("without an answer it is %s, want %s", got, standardRetention)
	}
	answer = nil
	for range 2 {
		invoke()
	}
	if got := r.get(); got != time.Hour || !slices.Equal(asked, []string{"arn:q", "arn:q"}) {
		t.Errorf("it is %s, asked %v", got, asked)
	}
}
