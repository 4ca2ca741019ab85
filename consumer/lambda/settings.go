package main

import (
	"errors"
	"fmt"

	"polo/internal/clickhouse"
)

// settings are what the environment says.
type settings struct {
	clickhouse clickhouse.Config
	deadLetter string // POLO_DLQ: the dead-letter queue's URL, ARN or name
	queueName  string // POLO_QUEUE_NAME: how failures name their origin
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
			Addr:     required("POLO_CLICKHOUSE_ADDR", "ClickHouse's host:port of the native protocol"),
			Database: getenv("POLO_CLICKHOUSE_DATABASE"),
			User:     required("POLO_CLICKHOUSE_USER", "the user that may insert into resource_events"),
			Password: getenv("POLO_CLICKHOUSE_PASSWORD"),
			TLS:      getenv("POLO_CLICKHOUSE_PLAINTEXT") != "true",
			Compress: true,
		},
		deadLetter: required("POLO_DLQ", "the dead-letter queue's URL, ARN or name"),
		queueName:  getenv("POLO_QUEUE_NAME"),
	}
	if s.clickhouse.Database == "" {
		s.clickhouse.Database = "polo"
	}
	if s.queueName == "" {
		s.queueName = "polo-events"
	}
	return s, errors.Join(errs...)
}
