package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/internal/clickhouse"
	"polo/internal/environment"
	"polo/internal/secret"
)

// environ holds the function's environment variables, besides those of lambdamain.Environment.
type environ struct {
	Routes       string        `env:"POLO_ALERTS,required" unit:"JSON or ARN" doc:"channels, routes and parameters of alerts: the JSON object itself, or a parameter of SSM or a secret that holds it. docs/ALERTS.md"`
	Secret       string        `env:"POLO_ALERTS_SECRET" unit:"ARN" doc:"the secret with the channels' fields, in Secrets Manager or SSM"`
	Interval     time.Duration `env:"POLO_ALERTS_INTERVAL" envDefault:"5m" doc:"the schedule's period"`
	Addr         string        `env:"POLO_CLICKHOUSE_ADDR,required" unit:"HOST:PORT,..." doc:"ClickHouse's address of the native protocol, or several with commas between"`
	Database     string        `env:"POLO_CLICKHOUSE_DATABASE" envDefault:"polo" doc:"the database to begin in; the tables are in polo"`
	User         string        `env:"POLO_CLICKHOUSE_USER,required" doc:"the user that may select"`
	Password     string        `env:"POLO_CLICKHOUSE_PASSWORD" doc:"its password, where POLO_CLICKHOUSE_SECRET is not set"`
	PasswordFrom string        `env:"POLO_CLICKHOUSE_SECRET" unit:"ARN" doc:"a secret of Secrets Manager or a parameter of SSM that holds the password"`
	Plaintext    bool          `env:"POLO_CLICKHOUSE_PLAINTEXT" envDefault:"false" doc:"connect without TLS"`
	Queue        string        `env:"POLO_QUEUE,required" unit:"URL, ARN or name" doc:"the queue for events"`
	DeadLetter   string        `env:"POLO_DLQ,required" unit:"URL, ARN or name" doc:"the dead-letter queue"`
}

// readSettings reports every missing or wrong variable at once.
func readSettings(getenv func(string) string) (environ, error) {
	var e environ
	errs := []error{environment.Read(getenv, &e, nil)}
	if e.Addr != "" {
		if _, err := clickhouse.Addresses(e.Addr); err != nil {
			errs = append(errs, fmt.Errorf("POLO_CLICKHOUSE_ADDR: %w", err))
		}
	}
	if e.PasswordFrom != "" && e.Password != "" {
		errs = append(errs, errors.New("POLO_CLICKHOUSE_PASSWORD: set together with POLO_CLICKHOUSE_SECRET: set only one"))
	}
	if e.Interval < time.Second || e.Interval > 24*time.Hour {
		errs = append(errs, errors.New("POLO_ALERTS_INTERVAL: not from 1s to 24h"))
	}
	return e, errors.Join(errs...)
}

// password returns what reads ClickHouse's password.
func (e environ) password(cfg aws.Config) (func(context.Context) (string, error), error) {
	if e.PasswordFrom == "" {
		return func(context.Context) (string, error) { return e.Password, nil }, nil
	}
	s, err := secret.New(cfg, e.PasswordFrom)
	if err != nil {
		return nil, fmt.Errorf("POLO_CLICKHOUSE_SECRET: %w", err)
	}
	return s.Value, nil
}
