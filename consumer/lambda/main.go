// Command lambda is the consumer as an AWS Lambda function on an SQS event
// source with ReportBatchItemFailures. It reads its settings from the
// environment: see settings.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"polo/consumer"
	"polo/internal/clickhouse"
	"polo/internal/lambdaevent"
	"polo/internal/queue/sqs"
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
	sink := clickhouse.NewSink(s.clickhouse)
	c, err := consumer.New(consumer.Config{Sink: sink, DeadLetter: dlq, QueueName: s.queueName, Logger: log})
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		// An outage fails the whole invocation, which makes Lambda back off;
		// what was judged alone is an item failure.
		report, err := c.Process(ctx, lambdaevent.Messages(e))
		if err != nil {
			return events.SQSEventResponse{}, err
		}
		return lambdaevent.Response(e, report), nil
	}, sink.Close, nil
}
