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
	if !s.clickhouse.TLS || s.clickhouse.Database != "polo" || s.deadLetter != "polo-dlq" {
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

func TestClusterSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ target, addr, quorum, want, fault string }{
		{target: "cloud", want: ""},
		{target: "cluster", addr: "a:9440,b:9440", want: "auto"},
		{target: "cluster", quorum: "02", want: "2"},
		{target: "cluster", quorum: "0", want: ""},
		{target: "cluster", quorum: "1", want: ""},
		{target: "cluster", quorum: "most", fault: "POLO_CLICKHOUSE_INSERT_QUORUM"},
		{target: "cluster", quorum: "100", fault: "POLO_CLICKHOUSE_INSERT_QUORUM"},
		{target: "cluster", addr: "a:9440,b", fault: `POLO_CLICKHOUSE_ADDR: "b"`},
	} {
		env := map[string]string{
			"POLO_CLICKHOUSE_ADDR": "ch:9440", "POLO_CLICKHOUSE_USER": "polo_writer", "POLO_DLQ": "polo-dlq",
			"POLO_CLICKHOUSE_TARGET": c.target, "POLO_CLICKHOUSE_INSERT_QUORUM": c.quorum,
		}
		if c.addr != "" {
			env["POLO_CLICKHOUSE_ADDR"] = c.addr
		}
		s, err := readSettings(func(name string) string { return env[name] })
		if (err != nil) != (c.fault != "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%+v: error %v", c, err)
		}
		if err == nil && (s.clickhouse.InsertQuorum != c.want || s.clickhouse.Addr != env["POLO_CLICKHOUSE_ADDR"]) {
			t.Errorf("%+v: settings %+v", c, s.clickhouse)
		}
	}
}
