package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"polo/internal/cli"
	"polo/schema/alerts"
)

func TestAlertsList(t *testing.T) {
	t.Parallel()
	out, _, err := polo(t, "alerts")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts.All() {
		if !strings.Contains(out, a.ID) || !strings.Contains(out, a.Title) {
			t.Errorf("the list lacks %s", a.ID)
		}
	}
	out, _, err = polo(t, "alerts", "--explain", "stale_source")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"(high)", "FIRES", "when 2 evaluations in a row", "reminder every 24h\n", "hours UInt16", "FROM polo."} {
		if !strings.Contains(out, part) {
			t.Errorf("--explain lacks %q:\n%s", part, out)
		}
	}
}

func TestAlertsUsage(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--explain no_such":                                                  `there is no alert "no_such"`,
		"test no_such":                                                       `there is no alert "no_such"`,
		"test stale_source -p x":                                             "not NAME=VALUE",
		"test stale_source --param hours=-1":                                 "hours",
		"silence no_such --for 1h --reason x --author a":                     `there is no alert "no_such"`,
		"silence no* --for 1h --reason x --author a":                         "no alert is called no*",
		"silence stale_source --for 1s --reason x --author a":                "--for 1s",
		"silence stale_source --for 721h --reason x --author a":              "--for 721h",
		"silence stale_source --for 1h --author a":                           "--reason",
		"silence stale_source --for 1h --reason x":                           "--author",
		"silence stale_source --for 1h --reason x --author a --queue http:/": "--queue needs --dlq",
		"silence stale_source --for 1h --reason x --author a --label source": "not NAME=VALUE",
	} {
		_, _, err := polo(t, append([]string{"alerts"}, strings.Fields(args)...)...)
		var code cli.Error
		if !errors.As(err, &code) || code.Code != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one of usage that says %q", args, err, says)
		}
	}
}

// A silence goes through the queue, and its end does.
func TestSilence(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if _, _, err := polo(t, "sql", "--data", data, "SELECT 1"); err == nil {
		t.Fatal("a data directory that is empty is taken")
	}
	if _, _, err := polo(t, "schema", "up", "--data", data); err != nil {
		t.Fatal(err)
	}
	out, _, err := polo(t, "alerts", "silence", "budget_*", "--label", "customer=ac*", "--for", "2h", "--reason", "known", "--author", "ada", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`silenced until (\S+); polo alerts unsilence (\S+) ends it`).FindStringSubmatch(out)
	if m == nil {
		t.Fatal(out)
	}
	if until, err := time.Parse(time.RFC3339, m[1]); err != nil || time.Until(until) > 2*time.Hour || time.Until(until) < time.Hour {
		t.Errorf("until %s", m[1])
	}
	state := func() string {
		t.Helper()
		out, _, err := polo(t, "sql", "--data", data, "SELECT concat(alert, ' ', toString(labels), ' ', author, ' ', reason, ' ', state, ' ', changed_by) AS x FROM alert_silences FORMAT TSVRaw")
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	if got, want := state(), "budget_* {'customer':'ac*'} ada known active"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, _, err := polo(t, "alerts", "unsilence", m[2], "--author", "bob", "--data", data); err != nil {
		t.Fatal(err)
	}
	if got, want := state(), "budget_* {'customer':'ac*'} ada known revoked bob"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, _, err := polo(t, "alerts", "unsilence", m[2], "--author", "bob", "--data", data); err == nil || !strings.Contains(err.Error(), "no silence") {
		t.Errorf("ended twice: %v", err)
	}
}
