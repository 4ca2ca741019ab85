// Command lambda is the evaluation of alerts as an AWS Lambda function on a schedule. It reads its settings from the
// environment: see environ, and docs/CONFIG.md.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"polo/alerts/journal"
	"polo/internal/lambdamain"
	"polo/internal/queue/sqs"
	"polo/internal/secret"
	"polo/internal/telemetry"
)

func main() { lambdamain.Run(start) }

// start builds everything once per cold start. The configuration is read again in each run.
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
	h := handler{settings: s, aws: cfg, http: &http.Client{}, metrics: metrics, log: log, now: time.Now}
	if h.routes, err = secret.NewFields(cfg, s.Routes); err != nil {
		return none, fmt.Errorf("POLO_ALERTS: %w", err)
	}
	if s.Secret != "" {
		if h.secrets, err = secret.NewFields(cfg, s.Secret); err != nil {
			return none, fmt.Errorf("POLO_ALERTS_SECRET: %w", err)
		}
	}
	queue, dlq, err := sqs.OpenBoth(ctx, cfg, s.Queue, s.DeadLetter)
	if err != nil {
		return none, err
	}
	h.journal = journal.New(queue, dlq, log)
	if h.password, err = s.password(cfg); err != nil {
		return none, err
	}
	return lambdamain.Function{Handler: h.handle}, nil
}
