package datadog_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/datadog"
	"polo/producers/datadog/datadogtest"
)

// Items as the API has them, with a secret wherever people put one.
const (
	instance = `{"id":17,"name":"web-1","host_name":"ip-10-0-0-1","aliases":["i-0abc1234def567890","web-1"],"apps":["agent"],"up":true,"is_muted":false,
		"tags_by_source":{"Amazon Web Services":["region:eu-west-1","aws_account:123456789012","team:web"],"Users":["env:prod","env:staging","password:` + planted + `"]},
		"meta":{"agent_version":"7.50.0","platform":"linux","gohai":"{\"env\":\"` + planted + `\"}"},"metrics":{"cpu":1.5}}`
	elsewhere = `{"id":18,"name":"i-0fff1234def567890","aliases":[],"up":false,"tags_by_source":{"Users":["region:eu-west-1","region:eu-west-2","aws_account:123456789012"]}}`
	monitor   = `{"id":5,"name":"High latency","type":"metric alert","query":"avg(last_5m):avg:trace.latency{env:prod} > 1","message":"@webhook-` + planted + ` https://hooks.example.com/` + planted + `",
		"overall_state":"Alert","tags":["team:web"],"priority":2,"creator":{"email":"ann@example.com","handle":"` + planted + `"},"options":{"escalation_message":"` + planted + `"}}`
	dashboard  = `{"id":"abc-def-ghi","title":"Web","description":"` + planted + `","layout_type":"ordered","author_handle":"ann@example.com","url":"/dashboard/abc-def-ghi/` + planted + `"}`
	synthetics = `{"public_id":"x1y-z2a-b3c","name":"Login","status":"live","type":"api","subtype":"http","locations":["aws:eu-west-1"],"monitor_id":5,"tags":["team:web"],"message":"` + planted + `",
		"config":{"request":{"headers":{"Authorization":"Bearer ` + planted + `"},"basicAuth":{"password":"` + planted + `"}},"configVariables":[{"pattern":"` + planted + `"}]},"options":{"tick_every":60,"ci":{"x":"` + planted + `"}}}`
)

func state() datadogtest.State {
	return datadogtest.State{Organisations: []string{"parent"}, Hosts: []string{instance, elsewhere}, Monitors: []string{monitor}, Dashboards: []string{dashboard}, Tests: []string{synthetics}}
}

// snapshots are "ARN NAME STATE TAGS RELATIONS", with the properties sorted by name.
func (o outcome) snapshots() []string {
	var all []string
	for _, e := range o.Of(envelope.TypeSnapshot) {
		var properties []string
		for _, p := range e.Properties {
			properties = append(properties, p.Key+"="+p.Value)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %v %v %s", e.ARN, e.ResourceType, e.ResourceName, e.State, e.Tags, e.Relations, strings.Join(properties, " ")))
	}
	slices.Sort(all)
	return all
}

func TestInventory(t *testing.T) {
	t.Parallel()
	api := datadogtest.New(state())
	o := live(t, api, datadog.InventorySource, "2026-03-10T06:00:00Z")
	if diff := cmp.Diff([]string{
		"datadog:org/parent/dashboard/abc-def-ghi datadog:dashboard Web  [] [] author=ann@example.com layout_type=ordered",
		"datadog:org/parent/host/17 datadog:host web-1 up [{aws_account 123456789012} {env prod,staging} {password ***} {region eu-west-1} {team web}] " +
			"[{runs_on arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890}] agent_version=7.50.0 aliases=[\"i-0abc1234def567890\",\"web-1\"] apps=[\"agent\"] " +
			"aws_id=i-0abc1234def567890 host_name=ip-10-0-0-1 is_muted=false platform=linux",
		"datadog:org/parent/host/18 datadog:host i-0fff1234def567890 down [{aws_account 123456789012} {region eu-west-1,eu-west-2}] [] aws_id=i-0fff1234def567890",
		"datadog:org/parent/monitor/5 datadog:monitor High latency Alert [{team web}] [] creator=ann@example.com priority=2 query=avg(last_5m):avg:trace.latency{env:prod} > 1 type=metric alert",
		"datadog:org/parent/synthetics_test/x1y-z2a-b3c datadog:synthetics_test Login live [{team web}] [] locations=[\"aws:eu-west-1\"] monitor_id=5 subtype=http tick_every=60 type=api",
	}, o.snapshots()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, e := range o.Of(envelope.TypeSnapshot) {
		if parsed, err := envelope.ParseARN(e.ARN); err != nil || parsed.ResourceType() != e.ResourceType || e.Region != "datadoghq.eu" || !e.TS.Equal(day("2026-03-10").Add(6*time.Hour)) {
			t.Errorf("%+v: %v", e, err)
		}
	}
	want(t, "completions", []string{"parent datadoghq.eu datadog:dashboard", "parent datadoghq.eu datadog:host", "parent datadoghq.eu datadog:monitor", "parent datadoghq.eu datadog:synthetics_test"}, o.completions())
	want(t, "ids", eventIDs(o), eventIDs(late(t, api, datadog.InventorySource, "2026-03-10T06:00:00Z", time.Hour)))
}

// What cannot be read leaves a gap of its own type, and no completion of it.
func TestInventoryInPart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*datadogtest.State)
		gap    string
		kept   int // snapshots
	}{
		"fewer hosts than promised": {func(s *datadogtest.State) { s.Promised = 1 }, "datadog:host invalid", 5},
		"monitors refused":          {func(s *datadogtest.State) { s.Refused = map[string]int{"/api/v1/monitor": http.StatusForbidden} }, "datadog:monitor denied", 4},
		"a dashboard without an id": {func(s *datadogtest.State) { s.Dashboards = append(s.Dashboards, `{"title":"x"}`) }, "datadog:dashboard invalid", 5},
		"a test with a path for id": {func(s *datadogtest.State) { s.Tests = []string{`{"public_id":"a/b"}`} }, "datadog:synthetics_test invalid", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state()
			c.change(&s)
			o := live(t, datadogtest.New(s), datadog.InventorySource, "2026-03-10T06:00:00Z")
			want(t, "gaps", []string{c.gap}, o.missed())
			missing, _, _ := strings.Cut(c.gap, " ")
			if done := o.completions(); len(done) != 3 || slices.Contains(done, "parent datadoghq.eu "+missing) || len(o.snapshots()) != c.kept {
				t.Errorf("%d snapshots, completions %v", len(o.snapshots()), done)
			}
		})
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	at := day("2026-03-10")
	entry := func(id, attributes string) datadogtest.Event {
		return datadogtest.Event{ID: id, At: at.Add(-time.Minute - 123456789*time.Nanosecond), Attributes: attributes}
	}
	api := datadogtest.New(datadogtest.State{Organisations: []string{"parent"}, MaxPage: 2, Audit: []datadogtest.Event{
		entry("e1", `{"action":"modified","evt":{"name":"Monitor","actor":{"type":"USER"}},"usr":{"email":"ann@example.com","id":7},"asset":{"type":"monitor","id":5,"name":"High latency","new_value":{"message":"`+planted+`"}}}`),
		entry("e2", `{"action":"accessed","evt":{"name":"Request","actor":{"type":"API_KEY"}},"usr":{"id":7},"http":{"method":"GET","status_code":200,"url_details":{"path":"/api/v1/monitor"}},"auth_method":"API_AND_APP_KEY","network":{"client":{"ip":"192.0.2.1"}}}`),
		entry("e3", `{"action":"created","evt":{"name":"Access Management"},"usr":{"uuid":"u"},"asset":{"type":"api_key","id":"`+planted+`","name":"ci"}}`),
		entry("e4", `{"action":"deleted","evt":{"name":"Dashboard"},"usr":{"email":"bob@example.com"},"asset":{"type":"dashboard","id":"abc-def-ghi"},"message":"`+planted+`"}`),
		entry("e5", `{"action":"deleted","status":"error","evt":{"name":"Dashboard"},"usr":{"email":"bob@example.com"},"asset":{"type":"dashboard","id":"abc-def-ghi"},"http":{"status_code":403}}`),
		entry("e6", `{"action":"deleted","usr":{"uuid":"u"},"asset":{"type":"application_key","id":"`+planted+`"},"http":{"url_details":{"path":"/api/v1/application_key/`+planted+`"}}}`),
		entry("e7", `{"action":"accessed","usr":{"uuid":"u"},"http":{"url_details":{"path":"/api/v1/api_key/`+planted+`"}}}`),
		entry("e9", `{"action":"accessed","usr":{"uuid":"u"},"http":{"url_details":{"path":"/api/v1/dashboard/public/`+planted+`/invitation"}}}`),
		entry("e8", `{"action":"accessed","usr":{"uuid":"u"},"http":{"url_details":{"path":"/api/v2/application_keys/0f1e2d3c-aaaa-bbbb-cccc-0123456789ab"}}}`),
		{ID: "old", At: at.Add(-5 * time.Hour), Attributes: `{}`},
	}})
	o := live(t, api, datadog.AuditSource, "2026-03-10T00:00:00Z")
	var got []string
	for _, e := range o.facts() {
		got = append(got, fmt.Sprintf("%s %s %s actor=%s %s %s error=%s", e.Properties.Get("event_id"), e.EventType, e.ARN, e.Actor, e.ResourceType, e.ResourceName, e.ErrorCode))
		if e.EventID == (envelope.ResourceEvent{}).EventID || e.AccountID != "parent" || e.Region != "datadoghq.eu" {
			t.Errorf("%+v", e)
		}
	}
	slices.Sort(got)
	want(t, "events", []string{
		"e1 activity.api_call datadog:org/parent/monitor/5 actor=ann@example.com datadog:monitor High latency error=",
		"e1 resource.updated datadog:org/parent/monitor/5 actor=ann@example.com datadog:monitor High latency error=",
		"e2 activity.api_call  actor=7   error=",
		"e3 activity.api_call  actor=u  ci error=",
		"e4 activity.api_call datadog:org/parent/dashboard/abc-def-ghi actor=bob@example.com datadog:dashboard  error=",
		"e4 resource.deleted datadog:org/parent/dashboard/abc-def-ghi actor=bob@example.com datadog:dashboard  error=",
		"e5 activity.api_call datadog:org/parent/dashboard/abc-def-ghi actor=bob@example.com datadog:dashboard  error=403",
		"e6 activity.api_call  actor=u   error=", // the id of a key may be the key
		"e7 activity.api_call  actor=u   error=",
		"e8 activity.api_call  actor=u   error=",
		"e9 activity.api_call  actor=u   error=",
	}, got)
	paths := map[string]string{}
	for _, e := range o.facts() {
		if at := e.Properties.Get("path"); at != "" {
			paths[e.Properties.Get("event_id")] = at
		}
	}
	if diff := cmp.Diff(map[string]string{
		"e2": "/api/v1/monitor", "e6": "/api/v1/application_key/***", "e7": "/api/v1/api_key/***", "e8": "/api/v2/application_keys/0f1e2d3c-aaaa-bbbb-cccc-0123456789ab",
		"e9": "/api/v1/dashboard/public/***/invitation",
	}, paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	i := slices.IndexFunc(o.Events, func(e envelope.ResourceEvent) bool { return e.Properties.Get("event_id") == "e2" })
	if diff := cmp.Diff(map[string]string{
		"action": "accessed", "actor_type": "API_KEY", "auth_method": "API_AND_APP_KEY", "event_id": "e2", "event_name": "Request", "method": "GET",
		"path": "/api/v1/monitor", "source_ip": "192.0.2.1", "status_code": "200",
	}, mapOf(o.Events[i].Properties)); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	want(t, "completions", []string{"parent datadoghq.eu datadog:audit"}, o.completions())
	ids := eventIDs(late(t, api, datadog.AuditSource, "2026-03-10T01:00:00Z", time.Hour)) // windows overlap
	want(t, "ids", eventIDs(o), ids)
	if len(ids) != len(got) {
		t.Errorf("ids %v", ids)
	}
}

func mapOf(p envelope.Pairs) map[string]string {
	m := map[string]string{}
	for _, pair := range p {
		m[pair.Key] = pair.Value
	}
	return m
}
