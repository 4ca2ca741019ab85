package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/internal/clickhouse"
	"polo/internal/environment"
	"polo/internal/secret"
	"polo/schema"
)

// environ holds the function's environment variables, besides those of lambdamain.Environment.
type environ struct {
	Addr      string      `env:"POLO_CLICKHOUSE_ADDR,required" unit:"HOST:PORT,..." doc:"ClickHouse's address of the native protocol, or several with commas between"`
	Database  string      `env:"POLO_CLICKHOUSE_DATABASE" envDefault:"polo" doc:"the database to begin in; the tables are in polo"`
	User      string      `env:"POLO_CLICKHOUSE_USER,required" doc:"the user that may insert into resource_events"`
	Password  string      `env:"POLO_CLICKHOUSE_PASSWORD" doc:"its password, where POLO_CLICKHOUSE_SECRET is not set"`
	Secret    string      `env:"POLO_CLICKHOUSE_SECRET" unit:"ARN" doc:"a secret of Secrets Manager or a parameter of SSM that holds the password; it is read again when it is refused"`
	Plaintext bool        `env:"POLO_CLICKHOUSE_PLAINTEXT" envDefault:"false" doc:"connect without TLS"`
	Target    schema.Kind `env:"POLO_CLICKHOUSE_TARGET" envDefault:"cloud" unit:"single, cloud or cluster" doc:"what ClickHouse is"`
	Quorum    string      `env:"POLO_CLICKHOUSE_INSERT_QUORUM" unit:"0 to 99, or auto" doc:"how many replicas of a cluster acknowledge a row: a majority (auto) where POLO_CLICKHOUSE_TARGET is cluster, else no more than one (0)"`
	DLQ       string      `env:"POLO_DLQ,required" unit:"URL, ARN or name" doc:"the dead-letter queue"`
}

// settings are derived from the environment.
type settings struct {
	clickhouse clickhouse.Config
	secret     string
	target     schema.Target
	deadLetter string
}

// readSettings reports every missing or wrong variable at once.
func readSettings(getenv func(string) string) (settings, error) {
	e := environ{}
	err := environment.Read(getenv, &e, environment.Parsers{
		reflect.TypeFor[schema.Kind](): func(text string) (any, error) { return schema.ParseKind(text) },
	})
	errs := []error{err}
	wrong := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	if e.Addr != "" {
		_, err := clickhouse.Addresses(e.Addr)
		wrong("POLO_CLICKHOUSE_ADDR", err)
	}
	if e.Secret != "" && e.Password != "" {
		wrong("POLO_CLICKHOUSE_PASSWORD", errors.New("set together with POLO_CLICKHOUSE_SECRET: set only one"))
	}
	quorum := ""
	switch {
	case e.Quorum != "":
		quorum, err = clickhouse.Quorum(e.Quorum)
		wrong("POLO_CLICKHOUSE_INSERT_QUORUM", err)
	case e.Target == schema.Cluster: // only a cluster's replicas need a CA
		quorum = clickhouse.QuorumAuto //mutant:no-quorum-on-clusters
	}
	return settings{
		clickhouse: clickhouse.Config{
			Addr: e.Addr, Database: e.Database, User: e.User, Password: e.Password, TLS: !e.Plaintext, Compress: true, InsertQuorum: quorum,
		},
		secret: e.Secret, target: schema.Target{Kind: e.Target}, deadLetter: e.DLQ,
	}, errors.Join(errs...)
}

// findSecret reads the password from its secret. If that fails, it may succeed later; until then
// every insert is an outage.
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
		log.WarnContext(ctx, "reading the password failed; inserts fail until it succeeds", slog.String("error", err.Error()))
	}
	return nil
}
