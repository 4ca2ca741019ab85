package datadog_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/datadog"
	"polo/producers/datadog/datadogtest"
	"polo/producers/emittertest"
	"polo/producers/source"
)

// planted is a secret in texts that nothing may keep.
const planted = "planted-8f3a9c1d"

// direct sends requests to a handler in this process.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func made[C producers.Collector](make func(datadog.Config, *httpsource.Client) C) func(datadog.Config, *httpsource.Client) producers.Collector {
	return func(cfg datadog.Config, c *httpsource.Client) producers.Collector { return make(cfg, c) }
}

// live runs a source as it is scheduled, against a server; time passes at once.
func live(t *testing.T, api *datadogtest.Server, name, at string) outcome {
	t.Helper()
	return late(t, api, name, at, time.Minute)
}

// late is live for a run that begins that much after its scheduled time.
func late(t *testing.T, api *datadogtest.Server, name, at string, by time.Duration) outcome {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	all := datadog.Registrations()
	src := all[slices.IndexFunc(all, func(s source.Source) bool { return s.Name == name })]
	window, err := producers.RunWindow(when, src.Period, src.Lookback)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := datadog.ParseConfig([]byte(`{"site":"datadoghq.eu","organisation":"parent"}`))
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{Recorder: &emittertest.Recorder{}}
	synctest.Test(t, func(t *testing.T) {
		client, err := datadog.NewClient(cfg, func(context.Context) (string, string, error) {
			return datadogtest.APIKey, datadogtest.ApplicationKey, nil
		}, "", direct{api})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(by)
		began := time.Now()
		sum, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: map[string]func(datadog.Config, *httpsource.Client) producers.Collector{
				datadog.Source: made(datadog.New), datadog.AttributionSource: made(datadog.NewAttribution), datadog.UsageSource: made(datadog.NewUsage),
				datadog.InventorySource: made(datadog.NewInventory), datadog.AuditSource: made(datadog.NewAudit),
			}[name](cfg, client),
			Emitter: o.Recorder, Scheduled: when, Window: window, Now: func() time.Time { return when.Add(by) },
		})
		if err != nil {
			t.Fatal(err)
		}
		o.gaps, o.took = sum.Gaps, time.Since(began)
	})
	for _, e := range o.Events {
		if err := e.Validate(); err != nil {
			t.Errorf("%s %s: %v", e.Source, e.EventType, err)
		}
	}
	secrets(t, o, datadogtest.APIKey, datadogtest.ApplicationKey, planted)
	return o
}

// completions are what was completed: "TYPE" or "FROM/TO".
func (o outcome) completions() []string {
	var all []string
	for _, e := range o.Of(envelope.TypeScanCompleted) {
		if e.ResourceType != "" {
			all = append(all, e.AccountID+" "+e.Region+" "+e.ResourceType)
			continue
		}
		all = append(all, e.AccountID+" "+e.TS.Format(time.DateOnly)+"/"+e.PeriodEnd.Format(time.DateOnly))
	}
	slices.Sort(all)
	return all
}

// missed are the gaps: "WHAT REASON".
func (o outcome) missed() []string {
	var all []string
	for _, g := range o.gaps {
		all = append(all, g.What+" "+string(g.Reason))
	}
	slices.Sort(all)
	return all
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func used(at time.Time, org, family, kind, value string) datadogtest.Measurement {
	return datadogtest.Measurement{Hour: at, Organisation: org, Family: family, Type: kind, Value: value}
}

func want(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestUsageByHour(t *testing.T) {
	t.Parallel()
	at := day("2026-03-10")
	api := datadogtest.New(datadogtest.State{Organisations: []string{"parent", "sub"}, MaxPage: 2, Usage: []datadogtest.Measurement{
		used(at.Add(-97*time.Hour), "parent", "infra_hosts", "host_count", "1"), // before the window
		used(at.Add(-96*time.Hour), "parent", "infra_hosts", "host_count", "2"),
		used(at.Add(-96*time.Hour), "sub", "infra_hosts", "host_count", "0"),
		used(at.Add(-96*time.Hour), "sub", "infra_hosts", "agent_host_count", "null"),
		used(at.Add(-96*time.Hour), "sub", "logs", "indexed_events_count", "123456.5"),
		used(at.Add(-time.Hour), "parent", "infra_hosts", "host_count", "3"),
		used(at, "parent", "infra_hosts", "host_count", "4"), // not over yet
	}})
	o := live(t, api, datadog.UsageSource, "2026-03-10T00:00:00Z")
	var got []string
	for _, e := range o.Of(envelope.TypeMetricSampled) {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %v", e.ARN, e.Service, e.Properties.Get("metric"), e.TS.Format("01-02T15"), e.PeriodEnd.Format("15"), *e.MetricValue))
		if e.CostAmount.Valid || e.AccountID == "" || e.Region != "datadoghq.eu" || e.ResourceType != "datadog:org" {
			t.Errorf("%+v", e)
		}
	}
	slices.Sort(got)
	want(t, "samples", []string{
		"datadog:org/parent infra_hosts host_count 03-06T00 01 2",
		"datadog:org/parent infra_hosts host_count 03-09T23 00 3",
		"datadog:org/sub infra_hosts host_count 03-06T00 01 0",
		"datadog:org/sub logs indexed_events_count 03-06T00 01 123456.5",
	}, got)
	want(t, "completions", []string{"parent datadoghq.eu datadog:usage"}, o.completions())
	again := late(t, api, datadog.UsageSource, "2026-03-10T00:00:00Z", time.Hour)
	want(t, "ids", eventIDs(o), eventIDs(again))
	api.Change(func(s *datadogtest.State) {
		s.Refused = map[string]int{"/api/v2/usage/hourly_usage": http.StatusForbidden}
	})
	o = live(t, api, datadog.UsageSource, "2026-03-10T00:00:00Z")
	want(t, "gaps", []string{"datadog:usage denied"}, o.missed())
	want(t, "completions", nil, o.completions())
}

func eventIDs(o outcome) []string {
	var all []string
	for _, e := range o.facts() {
		all = append(all, e.EventID.String())
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		all = append(all, "one id of several events")
	}
	return all
}

// Costs by tag are views, never costs; a month is completed by what its pages hold.
func TestAttribution(t *testing.T) {
	t.Parallel()
	team := func(org, name string, values map[string]string) datadogtest.Attributed {
		return datadogtest.Attributed{Organisation: org, Tags: map[string][]string{"team": {name}}, Values: values}
	}
	api := datadogtest.New(datadogtest.State{
		Organisations: []string{"parent", "sub"}, MaxPage: 1, TagConfig: "Acme:::team///project",
		CostByTag: map[string][]datadogtest.Attributed{"2026-02": {
			team("parent", "web", map[string]string{"logs_on_demand_cost": "1.10", "logs_committed_cost": "0", "logs_total_cost": "1.1", "logs_percentage_in_org": "50"}),
			team("parent", "search", map[string]string{"apm_host_total_cost": "0.000000000000000001"}),
			team("sub", "web", map[string]string{"logs_on_demand_cost": "2", "logs_total_cost": "2"}),
		}},
		UsageByTag: map[string][]datadogtest.Attributed{"2026-02": {team("sub", "web", map[string]string{"infra_host_usage": "19", "infra_host_percentage": "null"})}, "2026-03": {team("sub", "web", map[string]string{"infra_host_usage": "3"})}},
	})
	o := live(t, api, datadog.AttributionSource, "2026-03-10T00:00:00Z")
	var got []string
	for _, e := range o.facts() {
		line := fmt.Sprintf("%s %s %s %s/%s %v %v", e.EventType, e.AccountID, e.Service, e.TS.Format("01-02"), e.PeriodEnd.Format("01-02"), e.Tags, e.Properties.Get(envelope.PropPayerAccount))
		if e.MetricValue != nil {
			line += fmt.Sprintf(" %s %v", e.Properties.Get("metric"), *e.MetricValue)
		} else {
			line += " " + e.Properties.Get("charge_type") + " " + e.CostAmount.Decimal.String()
		}
		got = append(got, line)
	}
	slices.Sort(got)
	want(t, "views and samples", []string{
		"cost.viewed parent apm_host 02-01/03-01 [{team search}]  total 0.000000000000000001",
		"cost.viewed parent logs 02-01/03-01 [{team web}]  on_demand 1.1",
		"cost.viewed sub logs 02-01/03-01 [{team web}] parent on_demand 2",
		"metric.sampled sub usage_attribution 02-01/03-01 [{team web}]  infra_host_usage 19",
		"metric.sampled sub usage_attribution 03-01/04-01 [{team web}]  infra_host_usage 3",
	}, got)
	want(t, "completions", []string{"parent  datadog:usage_attribution", "parent 2026-02-01/2026-03-01"}, o.completions())
	want(t, "ids", eventIDs(o), eventIDs(late(t, api, datadog.AttributionSource, "2026-03-10T00:00:00Z", time.Hour)))
	again := 0
	for _, e := range live(t, api, datadog.Source, "2026-03-10T00:00:00Z").facts() {
		if e.EventType == "cost.viewed" {
			again++
		}
	}
	if again > 0 {
		t.Errorf("%d views are of the source of costs, whose completions would end them", again)
	}
}

// Attribution that is refused, or not there, leaves a gap of its own: billing completes its month.
func TestAttributionRefused(t *testing.T) {
	t.Parallel()
	charges := []datadogtest.Charge{{Organisation: "parent", Product: "logs", Type: "on_demand", Cost: "3"}}
	api := datadogtest.New(datadogtest.State{
		Organisations: []string{"parent"}, Final: map[string][]datadogtest.Charge{"2026-02": charges}, Estimates: map[string][]datadogtest.Charge{"2026-03-19": charges},
		Refused:    map[string]int{"/api/v2/cost_by_tag/monthly_cost_attribution": http.StatusForbidden},
		UsageByTag: map[string][]datadogtest.Attributed{"2026-02": {{Organisation: "parent", Values: map[string]string{"infra_host_usage": "1"}}}},
	})
	o := live(t, api, datadog.AttributionSource, "2026-03-20T00:00:00Z")
	want(t, "gaps", []string{"datadog:cost_attribution 2026-02 denied"}, o.missed())
	want(t, "completions", []string{"parent  datadog:usage_attribution"}, o.completions())
	o = live(t, api, datadog.Source, "2026-03-20T00:00:00Z")
	want(t, "gaps of costs", nil, o.missed())
	want(t, "completions of costs", []string{"parent 2026-02-01/2026-03-01", "parent 2026-03-01/2026-03-20"}, o.completions())
	api.Change(func(s *datadogtest.State) {
		s.Refused = map[string]int{"/api/v1/usage/monthly-attribution": http.StatusForbidden}
	})
	for at, gaps := range map[string][]string{
		"2026-03-19T00:00:00Z": {"datadog:usage_attribution denied"},
		"2026-03-20T00:00:00Z": {"datadog:cost_attribution 2026-02 disabled", "datadog:usage_attribution denied"}, // due, and not there
	} {
		o = live(t, api, datadog.AttributionSource, at)
		want(t, "gaps at "+at, gaps, o.missed())
		want(t, "completions", nil, o.completions())
	}
}

// A server that takes few requests is asked when it takes them again.
func TestLimit(t *testing.T) {
	t.Parallel()
	at := day("2026-03-10")
	api := datadogtest.New(datadogtest.State{Organisations: []string{"parent"}, Limit: 2, Period: time.Minute, Usage: []datadogtest.Measurement{used(at.Add(-time.Hour), "parent", "logs", "indexed", "1")}})
	o := live(t, api, datadog.UsageSource, "2026-03-10T00:00:00Z")
	want(t, "gaps", nil, o.missed())
	if n := api.Asked()["/api/v2/usage/hourly_usage"]; n != 4 || o.took < time.Minute {
		t.Errorf("%d requests in %s, of which none should have been refused", n, o.took)
	}
}

// What a run asks for an organisation with 20 sub-organisations.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := datadogtest.State{Organisations: []string{"parent"}, Final: map[string][]datadogtest.Charge{}, Estimates: map[string][]datadogtest.Charge{}, CostByTag: map[string][]datadogtest.Attributed{}, TagConfig: "Acme:::team"}
	for i := range 20 {
		s.Organisations = append(s.Organisations, fmt.Sprintf("sub%d", i))
	}
	at := day("2026-03-10")
	for _, org := range s.Organisations {
		s.Final["2026-02"] = append(s.Final["2026-02"], datadogtest.Charge{Organisation: org, Product: "logs", Type: "on_demand", Cost: "1"})
		for d := range 9 {
			date := at.AddDate(0, 0, d-9).Format(time.DateOnly)
			s.Estimates[date] = append(s.Estimates[date], datadogtest.Charge{Organisation: org, Product: "logs", Type: "on_demand", Cost: "1"})
		}
		for team := range 10 {
			s.CostByTag["2026-02"] = append(s.CostByTag["2026-02"], datadogtest.Attributed{Organisation: org, Tags: map[string][]string{"team": {fmt.Sprint(team)}}, Values: map[string]string{"logs_on_demand_cost": "0.1"}})
		}
		for hour := range 96 {
			for family := range 10 {
				s.Usage = append(s.Usage, datadogtest.Measurement{Hour: at.Add(-time.Duration(hour+1) * time.Hour), Organisation: org, Family: fmt.Sprint("family", family), Type: "count", Value: "1"})
			}
		}
	}
	s.UsageByTag = s.CostByTag
	for i := range 1500 {
		s.Hosts = append(s.Hosts, fmt.Sprintf(`{"id":%d,"name":"h"}`, i))
		s.Monitors = append(s.Monitors, fmt.Sprintf(`{"id":%d,"name":"m"}`, i))
	}
	for i := range 150 {
		s.Dashboards = append(s.Dashboards, fmt.Sprintf(`{"id":"a-%d","title":"d"}`, i))
	}
	for i := range 2500 {
		s.Audit = append(s.Audit, datadogtest.Event{ID: fmt.Sprint("e", i), At: at.Add(-time.Duration(i) * time.Second), Attributes: `{"action":"accessed"}`})
	}
	for name, asked := range map[string]map[string]int{
		datadog.Source: {"/api/v2/usage/historical_cost": 1, "/api/v2/usage/estimated_cost": 1},
		// Once for the tags, and once for each 500 of 210 items; usage has a month more.
		datadog.AttributionSource: {"/api/v2/cost_by_tag/monthly_cost_attribution": 2, "/api/v1/usage/monthly-attribution": 4},
		// Four days of 24 hours, 21 organisations and 10 products each, 500 to a page.
		datadog.UsageSource:     {"/api/v2/usage/hourly_usage": 4 * 11},
		datadog.InventorySource: {"/api/v1/hosts": 2, "/api/v1/monitor": 2, "/api/v1/dashboard": 2, "/api/v1/synthetics/tests": 1},
		datadog.AuditSource:     {"/api/v2/audit/events": 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := datadogtest.New(s)
			o := live(t, api, name, "2026-03-10T00:00:00Z")
			if diff := cmp.Diff(asked, api.Asked()); diff != "" || len(o.gaps) > 0 {
				t.Errorf("requests (-want +got):\n%s\ngaps %v", diff, o.gaps)
			}
		})
	}
}

// The keys are no part of an error, and a wrong one is a gap of each source.
func TestKeysRefused(t *testing.T) {
	t.Parallel()
	refused := map[string]int{}
	for _, path := range strings.Fields("historical_cost estimated_cost hourly_usage") {
		refused["/api/v2/usage/"+path] = http.StatusForbidden
	}
	for _, path := range strings.Fields("/api/v1/usage/monthly-attribution /api/v2/cost_by_tag/monthly_cost_attribution /api/v1/hosts /api/v1/monitor /api/v1/dashboard /api/v1/synthetics/tests /api/v2/audit/events") {
		refused[path] = http.StatusForbidden
	}
	for _, src := range datadog.Registrations() {
		o := live(t, datadogtest.New(datadogtest.State{Organisations: []string{"parent"}, Refused: refused}), src.Name, "2026-03-20T00:00:00Z")
		for _, g := range o.gaps {
			if g.Reason != producers.GapDenied {
				t.Errorf("%s: %+v", src.Name, g)
			}
		}
		if len(o.gaps) == 0 || len(o.completions()) > 0 {
			t.Errorf("%s: gaps %v, completions %v", src.Name, o.missed(), o.completions())
		}
	}
}

// A page that is refused, or is not as documented, leaves a gap: nothing of its list is completed.
func TestPagesThatEnd(t *testing.T) {
	t.Parallel()
	const (
		byTag   = "/api/v2/cost_by_tag/monthly_cost_attribution"
		hourly  = "/api/v2/usage/hourly_usage"
		audited = "/api/v2/audit/events"
		item    = `{"attributes":{"public_id":"parent","month":"%s","tags":{"team":["web"]},"values":{"logs_total_cost":1}}}`
		sample  = `{"attributes":{"public_id":"parent","product_family":"logs","timestamp":"%s","measurements":[{"usage_type":"indexed","value":%s}]}}`
	)
	february := fmt.Sprintf(item, "2026-02")
	hour := "2026-03-08T00:00:00Z" // of the second day that is asked for, and no other
	for name, c := range map[string]struct {
		source, path string
		n            int // the request, from 1
		status       int
		body, gap    string
	}{
		"costs by tag, refused half-way":  {datadog.AttributionSource, byTag, 3, 403, `{"errors":["x"]}`, "datadog:cost_attribution 2026-02 denied"},
		"costs by tag of another month":   {datadog.AttributionSource, byTag, 3, 200, data(fmt.Sprintf(item, "2026-01")), "datadog:cost_attribution 2026-02 invalid"},
		"costs by tag twice":              {datadog.AttributionSource, byTag, 3, 200, data(february, february), "datadog:cost_attribution 2026-02 invalid"},
		"costs by tag without end":        {datadog.AttributionSource, byTag, 3, 200, `{"data":[],"meta":{"pagination":{"next_record_id":"1"}}}`, "datadog:cost_attribution 2026-02 invalid"},
		"costs by tag of an unknown type": {datadog.AttributionSource, byTag, 3, 200, `{"data":[{"attributes":{"public_id":"p","month":"2026-02","values":{"logs_odd_cost":1}}}]}`, "datadog:cost_attribution 2026-02 invalid"},
		"usage, refused half-way":         {datadog.UsageSource, hourly, 2, 403, `{"errors":["x"]}`, "datadog:usage denied"},
		"usage of another day":            {datadog.UsageSource, hourly, 2, 200, data(fmt.Sprintf(sample, "2026-01-01T00:00:00Z", "1")), "datadog:usage invalid"},
		"usage with two values":           {datadog.UsageSource, hourly, 2, 200, data(fmt.Sprintf(sample, hour, "1"), fmt.Sprintf(sample, hour, "2")), "datadog:usage invalid"},
		"usage without a time":            {datadog.UsageSource, hourly, 2, 200, data(fmt.Sprintf(sample, "", "1")), "datadog:usage invalid"},
		"usage that is no number":         {datadog.UsageSource, hourly, 2, 200, data(fmt.Sprintf(sample, hour, `"x"`)), "datadog:usage invalid"},
		"an audit search out of time":     {datadog.AuditSource, audited, 1, 200, `{"data":[],"meta":{"status":"timeout"}}`, "datadog:audit invalid"},
		"an audit event without an id":    {datadog.AuditSource, audited, 1, 200, `{"data":[{"attributes":{"timestamp":"2026-03-10T00:00:00Z"}}]}`, "datadog:audit invalid"},
		"an answer that is none":          {datadog.AuditSource, audited, 1, 200, `{}`, "datadog:audit invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := []datadogtest.Attributed{{Organisation: "parent", Values: map[string]string{"logs_on_demand_cost": "1"}}, {Organisation: "sub", Values: map[string]string{"logs_on_demand_cost": "1"}}}
			api := datadogtest.New(datadogtest.State{
				Organisations: []string{"parent"}, MaxPage: 1, TagConfig: "Acme:::team", CostByTag: map[string][]datadogtest.Attributed{"2026-02": web},
				Fault: func(path string, n int) (int, string) {
					if path == c.path && n == c.n {
						return c.status, c.body
					}
					return 0, ""
				},
			})
			o := live(t, api, c.source, "2026-03-10T00:00:00Z")
			want(t, "gaps", []string{c.gap}, o.missed())
			want(t, "completions", map[string][]string{datadog.AttributionSource: {"parent  datadog:usage_attribution"}}[c.source], o.completions())
			if len(o.Of("cost.viewed")) > 0 {
				t.Error("a part of a month's costs by tag is kept")
			}
		})
	}
}
