package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
	"go.opentelemetry.io/otel/attribute"

	"polo/internal/lambdaevent"
	"polo/internal/telemetry"
	"polo/producers/github"
	"polo/producers/github/webhooks"
)

// handler is the receiver of one execution environment.
type handler struct {
	receiver *webhooks.Receiver
	metrics  *telemetry.Metrics
	log      *slog.Logger
}

// handle processes one batch. If nothing can be published the whole invocation fails, which
// makes Lambda back off.
func (h *handler) handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	ctx, end := telemetry.Span(ctx, "webhooks", nil, attribute.Int("messages", len(e.Records)))
	report, err := h.receiver.Process(ctx, lambdaevent.Messages(e))
	end(err)
	if err != nil {
		return events.SQSEventResponse{}, err
	}
	h.report(ctx, report)
	return lambdaevent.Response(e, report.Acked), nil
}

// report writes the outcome of a batch as metrics.
func (h *handler) report(ctx context.Context, r webhooks.Report) {
	count := func(name string, n int64) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Count, Value: float64(n)}
	}
	err := h.metrics.Put([]telemetry.Metric{
		count("Events", r.Events), count("Rejected", r.Rejected), count("Refused", r.Refused),
	}, telemetry.Dimension{Name: "Source", Value: github.SourceWebhooks})
	if err != nil {
		h.log.WarnContext(ctx, "metrics were not written", slog.String("error", err.Error()))
	}
}
