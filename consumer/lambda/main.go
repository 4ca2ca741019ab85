// Command lambda is the consumer as an AWS Lambda function on an SQS event source with
// ReportBatchItemFailures. It reads its settings from the environment: see environ, and
// docs/CONFIG.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"polo/consumer"
	"polo/internal/clickhouse"
	"polo/internal/lambdamain"
	"polo/internal/queue/sqs"
	"polo/internal/telemetry"
	"polo/schema"
)

func main() { lambdamain.Run(start) }

// reserve is the part of an invocation's time reserved for its answer.
const reserve = 2 * time.Second

// beforeDeadline ends a little before the invocation does, so that finished messages are
// acknowledged and the rest returns to the queue.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-reserve))
	}
	return context.WithCancel(ctx)
}

// start builds everything once per cold start.
func start(ctx context.Context, log *slog.Logger, metrics *telemetry.Metrics) (lambdamain.Function, error) {
	none := lambdamain.Function{}
	s, err := readSettings(os.Getenv)
	if err != nil {
		return none, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return none, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	if err := s.findSecret(ctx, cfg, log); err != nil {
		return none, err
	}
	client := sqs.NewClient(cfg, sqs.EndpointOf(s.deadLetter))
	dlq, err := sqs.Open(ctx, client, s.deadLetter)
	if err != nil {
		return none, fmt.Errorf("opening the dead-letter queue: %w", err)
	}
	var faults *schema.FaultsError
	switch err := clickhouse.Check(ctx, s.clickhouse, s.target); {
	case errors.As(err, &faults):
		return none, err
	case err != nil: // an outage: the invocations report it, and recover by themselves
		log.WarnContext(ctx, "the schema is not checked", slog.String("error", err.Error()))
	}
	sink := clickhouse.NewSink(s.clickhouse)
	// After a crash, this environment may start again with the same /tmp.
	crashes, err := consumer.OpenCrashLog(filepath.Join(os.TempDir(), "polo-consumer-crashes.json"), time.Now)
	if err != nil {
		return none, err
	}
	kept := &retention{log: log, ask: func(ctx context.Context, arn string) (time.Duration, error) { return sqs.Retention(ctx, client, arn) }}
	c, err := consumer.New(consumer.Config{Sink: sink, DeadLetter: dlq, Retention: kept.get, Crashes: crashes, Logger: log})
	if err != nil {
		return none, err
	}
	h := handler{consumer: c, retention: kept, metrics: metrics, log: log, now: time.Now}
	return lambdamain.Function{Handler: h.handle, Stop: sink.Close}, nil
}
