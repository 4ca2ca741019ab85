// Command lambda is the Action Lambda: behind a function URL it plans, approves, executes and
// undoes, and on a schedule it sweeps. It reads its settings from the environment: see environ,
// and docs/CONFIG.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"polo/actions"
	"polo/actions/access"
	"polo/actions/clickhouse"
	"polo/actions/cloud"
	"polo/actions/web"
	"polo/internal/awsaccounts"
	"polo/internal/lambdamain"
	"polo/internal/queue/sqs"
	"polo/internal/secret"
	"polo/internal/telemetry"
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
	keys, err := s.keys(ctx, cfg)
	if err != nil {
		return none, err
	}
	verifier, err := access.New(s.access)
	if err != nil {
		return none, fmt.Errorf("POLO_ACTIONS: %w", err)
	}
	sessions, err := awsaccounts.NewSessions(awsaccounts.Config{Base: cfg, Role: s.ReadRole, ExternalID: s.ExternalID, Session: "polo-actions"})
	if err != nil {
		return none, err
	}
	reach, err := cloud.New(cloud.Config{Reads: sessions, Role: s.ActionRole, ExternalID: s.ExternalID})
	if err != nil {
		return none, err
	}
	conn := &clickhouse.Conn{Server: s.server, Sequential: s.sequential}
	if s.Secret != "" {
		if conn.Secret, err = secret.New(cfg, s.Secret); err != nil {
			return none, fmt.Errorf("POLO_CLICKHOUSE_SECRET: %w", err)
		}
	}
	queue, dlq, err := sqs.OpenBoth(ctx, cfg, s.Queue, s.DLQ)
	if err != nil {
		return none, err
	}
	engine, err := actions.New(actions.Config{
		Settings: s.settings, Keys: keys, Journal: &clickhouse.Journal{Conn: conn, Queue: queue, DeadLetter: dlq, Logger: log}, Evidence: &clickhouse.Evidence{Conn: conn},
		Cloud: reach, Switch: killSwitch(ssm.NewFromConfig(cfg), s.killSwitch), Logger: log,
	})
	if err != nil {
		return none, err
	}
	h := &handler{web: &web.Handler{Engine: engine, Access: verifier, Logger: log}, engine: engine, metrics: metrics, log: log}
	return lambdamain.Function{Handler: h.handle, Stop: conn.Close}, nil
}

// parameters reads SSM's parameters.
type parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// errOff means that the kill switch says anything but "on".
var errOff = errors.New(`the kill switch does not say "on"`)

// killSwitch reads a parameter at each call: actions may be done while it says "on".
func killSwitch(client parameters, name string) func(context.Context) error {
	return func(ctx context.Context) error {
		out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
		if err != nil {
			return fmt.Errorf("reading the kill switch: %w", err)
		}
		if out.Parameter == nil || strings.TrimSpace(aws.ToString(out.Parameter.Value)) != "on" {
			return errOff
		}
		return nil
	}
}
