package main

import (
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"POLO_CLICKHOUSE_ADDR": "ch:9440", "POLO_CLICKHOUSE_USER": "polo_writer", "POLO_CLICKHOUSE_PASSWORD": "p", "POLO_DLQ": "polo-dlq",
	}
	s, err := readSettings(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if !s.clickhouse.TLS || s.clickhouse.Database != "polo" || s.deadLetter != "polo-dlq" || s.queueName != "polo-events" {
		t.Errorf("settings %+v lack their defaults", s)
	}
}

func TestMissingSettingsAreNamedAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := readSettings(func(string) string { return "" })
	if err == nil {
		t.Fatal("nothing set, and no error")
	}
	for _, name := range []string{"POLO_CLICKHOUSE_ADDR", "POLO_CLICKHOUSE_USER", "POLO_DLQ"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
}
