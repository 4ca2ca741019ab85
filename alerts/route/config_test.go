package route_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"polo/alerts/route"
)

func ids() []string { return []string{"budget_passed", "budget_forecast", "leak"} }

const example = `{
  "dashboard": "https://polo.example.com",
  "channels": {
    "ops": {"slack": {"secret": "ops_slack_url"}},
    "oncall": {"pagerduty": {"secret": "pd_key"}},
    "mail": {"ses": {"region": "eu-west-1", "from": "polo@example.com", "to": ["finance@example.com"]}},
    "topic": {"sns": {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}},
    "hook": {"webhook": {"url": "https://hook.example.com/in", "secret": "hook_key"}}
  },
  "routes": [
    {"alert": ["budget_*"], "labels": {"account_id": "1234*"}, "send": ["mail", "ops", "mail"], "repeat": "72h"},
    {"severity": ["low"], "send": []},
    {"severity": ["high", "critical"], "send": ["oncall", "ops"]}
  ],
  "default": ["ops"],
  "alerts": {"leak": {"enabled": false}, "budget_passed": {"values": {"share": "30"}}}
}`

func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	c, err := route.Parse([]byte(example), ids())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		alert, severity string
		labels          map[string]string
		want            route.Target
	}{
		{"budget_passed", "high", map[string]string{"account_id": "123456789012"}, route.Target{Channels: []string{"mail", "ops"}, Repeat: 72 * time.Hour}},
		{"budget_passed", "high", map[string]string{"account_id": "999"}, route.Target{Channels: []string{"oncall", "ops"}}},
		{"budget_passed", "high", nil, route.Target{Channels: []string{"oncall", "ops"}}},
		{"leak", "low", nil, route.Target{}},
		{"leak", "medium", nil, route.Target{Channels: []string{"ops"}}},
	} {
		got := c.For(x.alert, x.severity, x.labels)
		if len(got.Channels) == 0 {
			got.Channels = nil
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s %s %v (-want +got):\n%s", x.alert, x.severity, x.labels, diff)
		}
	}
	if diff := cmp.Diff([]string{"hook", "topic"}, c.Unused()); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
	if c.Cap != 20 || *c.Alerts["leak"].Enabled || c.Alerts["budget_passed"].Values["share"] != "30" {
		t.Errorf("%+v", c)
	}
}

func TestEveryFaultIsTold(t *testing.T) {
	t.Parallel()
	_, err := route.Parse([]byte(`{"dashboard": "polo", "channels": {"a": {}, "b": {"slack": {}, "sns": {"topic_arn": "x"}}, "c": {"ses": {"to": []}}},
		"routes": [{"alert": ["lea"], "severity": ["loud"], "send": ["nobody"]}, {"alert": ["leak"]}], "default": [], "cap": 0, "alerts": {"lek": {}}}`), ids())
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"dashboard: not an address", "cap: not from 1 to 100", "default: it names no channel", `routes[0].send: there is no channel "nobody"`, `routes[0].alert: no alert is called "lea"`,
		`routes[0].severity: "loud"`, "routes[1].send: missing", `there is no alert "lek"`, "channels.a: not exactly one", "channels.b: not exactly one", "slack.secret is missing", "ses.from is missing", "ses.region is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
}

// What cannot be read is told with its place, and hides no other fault.
func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{"line 1, column 1: EOF"}},
		{"{\n \"cap\": 1,}", []string{"line 2, column 12: invalid character '}'"}},
		{"{\n", []string{"line 2, column 1: unexpected EOF"}},
		{"[]", []string{"not an object"}},
		{"null", []string{"not an object"}},
		{example + "{}", []string{"line 17, column 3: something follows the object"}},
		{`{"default": ["a"], "dflt": []}`, []string{"dflt: unknown field; there are alerts, cap,", `default: there is no channel "a"`}},
		{`{"Default": ["a"]}`, []string{"Default: unknown field", "default: it names no channel"}},
		{`{"channels": {"a": {"slack": {"secret": "x", "url": "y"}}, "b": {"telegram": {}}}, "routes": [{}, {"send": ["a"], "sends": "b"}], "alerts": {"leak": {"enable": false}}}`, []string{
			`channels.a: unknown field "url"`, `channels.b: unknown field "telegram"`, `routes[1]: unknown field "sends"`, `alerts.leak: unknown field "enable"`, "default: it names no channel", "routes[0].send: missing",
		}},
		{`{"routes": [{"repeat": "1s"}, {"repeat": 5}, {"repeat": "3000h"}, {"send": "a"}], "cap": "5", "default": "a"}`, []string{
			"routes[0]: 1s is not from 1m to 2160h", "routes[1]: repeat: number, not what belongs here", "routes[2]: 3000h is not from", "routes[3]: send: string, not what", "cap: string, not what", "default: string, not what",
		}},
		{"{\"default\": [\"a\"],\n \"channels\": {\"a\": {\"file\": {\"path\": \"/x\", \"Path\": \"/y\"}}, \"a\": {}},\n \"default\": []}", []string{
			"channels.a.file.Path: line 2, column 50: there twice", "channels.a: line 2, column 63: there twice", "default: line 3, column 11: there twice",
		}},
		{`{"channels": {
			"topic": {"sns": {"topic_arn": "arn:aws:sqs:eu-west-1:123456789012:x"}}, "file": {"file": {"path": "x"}}, "hook": {"webhook": {"url": "http://example.com", "secret": "k"}},
			"mail": {"ses": {"region": "eu-west-1", "from": "nobody", "to": ["a@b.c"]}}, "duty": {"pagerduty": {"secret": "k", "url": "http://events.eu.pagerduty.com"}}}, "default": ["topic", "file", "hook", "mail", "duty"]}`, []string{
			"channels.topic: sns:", "channels.file: file: the path is not absolute", "channels.hook: webhook: the address is not https", `channels.mail: ses: "nobody" is no address`, "channels.duty: pagerduty: the address is not https",
		}},
	} {
		got, err := route.Parse([]byte(c.text), ids())
		if err == nil || got != nil {
			t.Errorf("%s: %v, no error", c.text, got)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not told in:\n%v", c.text, want, err)
			}
		}
	}
}

// A channel whose secret is missing is told; the others are opened.
func TestOpen(t *testing.T) {
	t.Parallel()
	c, err := route.Parse([]byte(example), ids())
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"ops_slack_url": "https://hooks.example.com/SECRET", "pd_key": "SECRET"}
	opened, err := c.Open(func(field string) (string, error) {
		if fields[field] == "" {
			return "", errors.New("no field " + field)
		}
		return fields[field], nil
	}, aws.Config{}, &http.Client{})
	if err == nil || !strings.Contains(err.Error(), "channels.hook: no field hook_key") || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
	if len(opened) != 4 || opened["hook"] != nil {
		t.Errorf("%d opened", len(opened))
	}
}
