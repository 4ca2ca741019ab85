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
	for _, text := range []string{"", "{", "[]", `{"default": ["a"], "defualt": []}`, example + "{}", `{"routes": [{"repeat": "1s"}]}`, `{"routes": [{"repeat": 5}]}`} {
		if _, err := route.Parse([]byte(text), ids()); err == nil || !strings.Contains(err.Error(), "byte") {
			t.Errorf("%.40s: %v", text, err)
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
