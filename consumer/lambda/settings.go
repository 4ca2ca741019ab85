package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/internal/clickhouse"
	"polo/internal/secret"
	"polo/schema"
)

// settings are what the environment says.
type settings struct {
	clickhouse clickhouse.Config
	// POLO_CLICKHOUSE_SECRET: the ARN of a secret of Secrets Manager or a parameter of SSM
	// with the password, instead of POLO_CLICKHOUSE_PASSWORD.
	secret     string
	target     schema.Target // of POLO_CLICKHOUSE_TARGET: single, cloud (the default) or cluster
	deadLetter string        // POLO_DLQ: the dead-letter queue's URL, ARN or name
	queueName  string        // POLO_QUEUE_NAME: how failures name their origin
	// POLO_QUEUE_RETENTION, in seconds: the queue's, see consumer.Config.
	retention time.Duration
}

// readSettings reads them all and reports everything that is missing at once.
func readSettings(getenv func(string) string) (settings, error) {
	var errs []error
	required := func(name, what string) string {
		v := getenv(name)
		if v == "" {
			errs = append(errs, fmt.Errorf("%s is not set: %s", name, what))
		}
		return v
	}
	s := settings{
		clickhouse: clickhouse.Config{
			Addr:     required("POLO_CLICKHOUSE_ADDR", "ClickHouse's host:port of the native protocol, or several with commas between"),
			Database: getenv("POLO_CLICKHOUSE_DATABASE"),
			User:     required("POLO_CLICKHOUSE_USER", "the user that may insert into resource_events"),
			Password: getenv("POLO_CLICKHOUSE_PASSWORD"),
			TLS:      getenv("POLO_CLICKHOUSE_PLAINTEXT") != "true",
			Compress: true,
		},
		secret:     getenv("POLO_CLICKHOUSE_SECRET"),
		deadLetter: required("POLO_DLQ", "the dead-letter queue's URL, ARN or name"),
		queueName:  getenv("POLO_QUEUE_NAME"),
	}
	if s.clickhouse.Addr != "" {
		if _, err := clickhouse.Addresses(s.clickhouse.Addr); err != nil {
			errs = append(errs, fmt.Errorf("POLO_CLICKHOUSE_ADDR: %w", err))
		}
	}
	if s.secret != "" && s.clickhouse.Password != "" {
		errs = append(errs, errors.New("POLO_CLICKHOUSE_PASSWORD is set beside POLO_CLICKHOUSE_SECRET: it is one or the other"))
	}
	s.target.Kind = schema.Cloud
	if text := getenv("POLO_CLICKHOUSE_TARGET"); text != "" {
		kind, err := schema.ParseKind(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("POLO_CLICKHOUSE_TARGET: %w", err))
		}
		s.target.Kind = kind
	}
	// POLO_CLICKHOUSE_INSERT_QUORUM: see clickhouse.Quorum. Only a cluster's replicas need one.
	if s.target.Kind == schema.Cluster {
		s.clickhouse.InsertQuorum = clickhouse.QuorumAuto
	}
	if text := getenv("POLO_CLICKHOUSE_INSERT_QUORUM"); text != "" {
		var err error
		if s.clickhouse.InsertQuorum, err = clickhouse.Quorum(text); err != nil {
			errs = append(errs, fmt.Errorf("POLO_CLICKHOUSE_INSERT_QUORUM: %w", err))
		}
	}
	if text := getenv("POLO_QUEUE_RETENTION"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 60 || seconds > 14*24*3600 {
			errs = append(errs, errors.New("POLO_QUEUE_RETENTION is not a number of seconds from 60 to 1209600"))
		}
		s.retention = time.Duration(seconds) * time.Second
	}
	if s.clickhouse.Database == "" {
		s.clickhouse.Database = "polo"
	}
	if s.queueName == "" {
		s.queueName = "polo-events"
	}
	return s, errors.Join(errs...)
}

// findSecret reads the password where it is kept. One that cannot be read now may be later:
// until then every insert is an outage.
func (s *settings) findSecret(ctx context.Context, cfg aws.Config, log *slog.Logger) error {
	if s.secret == "" {
		return nil
	}
	kept, err := secret.New(cfg, s.secret)
	if err != nil {
		return fmt.Errorf("POLO_CLICKHOUSE_SECRET: %w", err)
	}
	s.clickhouse.Secret = kept
	if s.clickhouse.Password, err = kept.Value(ctx); err != nil {
		log.WarnContext(ctx, "the password is not known", slog.String("error", err.Error()))
	}
	return nil
}
