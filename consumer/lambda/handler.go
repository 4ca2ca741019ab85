package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"go.opentelemetry.io/otel/attribute"

	"polo/consumer"
	"polo/internal/lambdaevent"
	"polo/internal/queue"
	"polo/internal/telemetry"
)

// handler is the consumer of one execution environment.
type handler struct {
	consumer  *consumer.Consumer
	retention *retention // nil: not known
	metrics   *telemetry.Metrics
	log       *slog.Logger
	now       func() time.Time
}

// handle processes one batch. An outage fails the whole invocation, which makes Lambda back off.
// Some messages may be done all the same: those of earlier portions, or those rescued from the
// queue's retention. They must be deleted, or their failures would be sent again. Then only the
// others are item failures, and the next invocation fails.
func (h *handler) handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	within, cancel := beforeDeadline(ctx)
	defer cancel()
	messages := lambdaevent.Messages(e)
	within, end := telemetry.Span(within, "consume", headers(messages), attribute.Int("messages", len(messages)))
	if h.retention != nil && len(e.Records) > 0 { //mutant:retention-not-asked
		h.retention.learn(within, e.Records[0].EventSourceARN)
	}
	report, err := h.consumer.Process(within, messages)
	end(err)
	h.report(ctx, messages, report, err)
	if err != nil {
		if !slices.Contains(report.Verdicts, consumer.Ack) { //mutant:outage-fails-items-only,done-before-outage-stays
			return events.SQSEventResponse{}, err
		}
		h.log.ErrorContext(ctx, "messages wait on the queue", slog.String("error", err.Error()))
	}
	return lambdaevent.Response(e, acked(report)), nil
}

// acked reports which messages of a batch are done.
func acked(r consumer.Report) []bool {
	out := make([]bool, len(r.Verdicts))
	for i, v := range r.Verdicts {
		out[i] = v == consumer.Ack
	}
	return out
}

// report writes the outcome of a batch as metrics, and logs the failures by reason.
func (h *handler) report(ctx context.Context, messages []queue.Message, r consumer.Report, err error) {
	outages, dead := 0, 0
	if err != nil {
		outages = 1
	}
	for _, n := range r.DeadLettered {
		dead += n
	}
	count := func(name string, n int) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Count, Value: float64(n)}
	}
	problem := h.metrics.Put([]telemetry.Metric{
		count("Events", r.Events), count("Inserted", r.Inserted), count("Duplicates", r.Duplicates), count("DeadLettered", dead),
		count("Retries", r.Retries), count("Outages", outages),
		{Name: "InsertMilliseconds", Unit: telemetry.Milliseconds, Value: float64(r.InsertTime) / float64(time.Millisecond)},
		{Name: "LagSeconds", Unit: telemetry.Seconds, Value: h.lag(messages).Seconds()},
	})
	for _, reason := range slices.Sorted(maps.Keys(r.DeadLettered)) {
		n := r.DeadLettered[reason]
		h.log.WarnContext(ctx, "failures went to the dead-letter queue", slog.String("reason", string(reason)), slog.Int("failures", n))
		if e := h.metrics.Put([]telemetry.Metric{count("DeadLettered", n)}, telemetry.Dimension{Name: "Reason", Value: string(reason)}); e != nil {
			problem = e
		}
	}
	if problem != nil {
		h.log.WarnContext(ctx, "writing metrics failed", slog.String("error", problem.Error()))
	}
}

// lag returns the age of the oldest message.
func (h *handler) lag(messages []queue.Message) time.Duration {
	var lag time.Duration
	for i := range messages {
		if sent := messages[i].SentAt; !sent.IsZero() {
			lag = max(lag, h.now().Sub(sent))
		}
	}
	return lag
}

// maxLinks bounds the messages that a batch's span links to: backends refuse more.
const maxLinks = 128

func headers(messages []queue.Message) []string {
	var out []string
	for i := range messages {
		if h := messages[i].TraceHeader; h != "" && len(out) < maxLinks {
			out = append(out, h)
		}
	}
	return out
}
