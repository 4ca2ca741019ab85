// Command lambda is the consumer as an AWS Lambda function on an SQS event
// source with ReportBatchItemFailures. It reads its settings from the
// environment: see settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"polo/consumer"
	"polo/internal/clickhouse"
	"polo/internal/lambdaevent"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/schema"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler, closeSink, err := start(context.Background(), log)
	if err != nil {
		log.Error("the consumer cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	lambda.StartWithOptions(handler, lambda.WithEnableSIGTERM(func() {
		if err := closeSink(); err != nil {
			log.Error("closing the connections to ClickHouse", slog.String("error", err.Error()))
		}
	}))
}

// reserve is what is left of an invocation's time to answer in.
const reserve = 2 * time.Second

// beforeDeadline ends a little before the invocation does, so that what is done
// is acknowledged and the rest returns to the queue.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-reserve))
	}
	return context.WithCancel(ctx)
}

type handler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// start builds everything once per cold start.
func start(ctx context.Context, log *slog.Logger) (handler, func() error, error) {
	s, err := readSettings(os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	dlq, err := sqs.Open(ctx, sqs.NewClient(cfg, ""), s.deadLetter)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the dead-letter queue: %w", err)
	}
	var faults *schema.FaultsError
	switch err := clickhouse.Check(ctx, s.clickhouse, s.target); {
	case errors.As(err, &faults):
		return nil, nil, err
	case err != nil: // an outage: the invocations will tell of it, and mend by themselves
		log.WarnContext(ctx, "the schema is not checked", slog.String("error", err.Error()))
	}
	sink := clickhouse.NewSink(s.clickhouse)
	// A crash may start this environment again with the same /tmp.
	crashes, err := consumer.OpenCrashLog(filepath.Join(os.TempDir(), "polo-consumer-crashes.json"), time.Now)
	if err != nil {
		return nil, nil, err
	}
	c, err := consumer.New(consumer.Config{
		Sink: sink, DeadLetter: dlq, QueueName: s.queueName, Retention: s.retention, Crashes: crashes, Logger: log,
	})
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		ctx, cancel := beforeDeadline(ctx)
		defer cancel()
		// An outage fails the whole invocation, which makes Lambda back off; what
		// was judged alone is an item failure. Messages that had to be saved from
		// the queue's retention must be deleted, or they would be saved again.
		report, err := c.Process(ctx, lambdaevent.Messages(e))
		if err != nil && report.DeadLettered[queue.ReasonRetentionNear] == 0 {
			return events.SQSEventResponse{}, err
		}
		return lambdaevent.Response(e, report), nil
	}, sink.Close, nil
}
