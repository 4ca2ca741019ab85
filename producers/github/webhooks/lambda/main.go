// Command lambda makes events of the deliveries of GitHub's webhooks, as an AWS Lambda
// function on an SQS event source with ReportBatchItemFailures. It reads its settings from
// the environment: see environ, and docs/CONFIG.md.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"

	"polo/internal/lambdamain"
	"polo/internal/queue/sqs"
	"polo/internal/secret"
	"polo/internal/telemetry"
	"polo/producers/github/webhooks"
)

func main() { lambdamain.Run(start) }

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
	fields, err := secret.NewFields(cfg, s.Secret)
	if err != nil {
		return none, fmt.Errorf("POLO_GITHUB_SECRET: %w", err)
	}
	to, dlq, err := sqs.OpenBoth(ctx, cfg, s.Queue, s.DeadLetter)
	if err != nil {
		return none, err
	}
	receiver, err := webhooks.New(ctx, webhooks.Config{
		GitHub: s.GitHub, Identity: s.Identity, Queue: to, DeadLetter: dlq, Logger: log,
		Secret: func(ctx context.Context) (string, error) {
			values, err := fields.Get(ctx, "webhook_secret")
			if err != nil {
				return "", fmt.Errorf("POLO_GITHUB_SECRET: %w", err)
			}
			return values[0], nil
		},
	})
	if err != nil {
		return none, err
	}
	h := handler{receiver: receiver, metrics: metrics, log: log}
	return lambdamain.Function{Handler: h.handle}, nil
}
