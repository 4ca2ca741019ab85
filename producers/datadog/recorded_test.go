package datadog_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	accounts "polo/internal/account"
	"polo/producers"
	"polo/producers/datadog"
	"polo/producers/emittertest"
	"polo/producers/exchange"
	"polo/producers/exchange/exchangetest"
)

// asked is an exchange with an address, "GET https://...".
func asked(t *testing.T, request string, status int, body string) exchange.Exchange {
	t.Helper()
	method, address, _ := strings.Cut(request, " ")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return exchange.Exchange{Method: method, URL: u, Status: status, Body: []byte(body)}
}

func bare(body string) exchange.Exchange {
	return exchange.Exchange{Status: http.StatusOK, Body: []byte(body)}
}

// outcome is what the exchanges of one file come to.
type outcome struct {
	*emittertest.Recorder
	gaps []producers.Gap
	left []exchange.Left
	took time.Duration
}

// read has each source read the exchanges that it knows. Every exchange must be known to one source.
func read(t *testing.T, payer string, all ...exchange.Exchange) outcome {
	t.Helper()
	o := outcome{Recorder: &emittertest.Recorder{}}
	known := 0
	for _, src := range datadog.Registrations() {
		var mine []exchange.Exchange
		for i := range all {
			if src.Recorded.Knows(&all[i]) {
				mine = append(mine, all[i])
			}
		}
		known += len(mine)
		if len(mine) == 0 {
			continue
		}
		var given []accounts.Account
		if payer != "" {
			given = []accounts.Account{{ID: payer}}
		}
		c := src.Recorded.New(mine, func(l exchange.Left) { o.left = append(o.left, l) })
		if c.Source() != src.Name {
			t.Errorf("%s reads as %s", src.Name, c.Source())
		}
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		sum, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: c, Accounts: given, Emitter: o.Recorder, Scheduled: at, Recorded: true, Now: func() time.Time { return at },
		})
		if err != nil {
			t.Fatal(err)
		}
		o.gaps = append(o.gaps, sum.Gaps...)
	}
	if known != len(all) {
		t.Errorf("%d of %d exchanges are known to a source", known, len(all))
	}
	for _, e := range o.Events {
		if err := e.Validate(); err != nil {
			t.Errorf("%s %s: %v", e.Source, e.EventType, err)
		}
	}
	return o
}

func (o outcome) facts() []envelope.ResourceEvent {
	return slices.DeleteFunc(slices.Clone(o.Events), func(e envelope.ResourceEvent) bool {
		return strings.HasPrefix(e.EventType, "scan.") || e.EventType == "run.finished"
	})
}

// whys are the reasons for what was left out.
func (o outcome) whys() []string {
	var all []string
	for _, l := range o.left {
		all = append(all, fmt.Sprintf("%s: %s %d", l.Call, l.Why, l.Count))
	}
	slices.Sort(all)
	return all
}

// Each real exchange becomes events, or has a reason.
func TestRealExchanges(t *testing.T) {
	t.Parallel()
	for _, file := range exchangetest.Real(t, "datadog") {
		for _, e := range file.Exchanges {
			o := read(t, "", e)
			if len(o.facts())+len(o.left) == 0 {
				t.Errorf("%s: neither events nor a reason; gaps %v", file.Path, o.gaps)
			}
			t.Logf("%s: %d events, left %v, gaps %v", file.Path, len(o.facts()), o.whys(), o.gaps)
			if facts := o.facts(); len(facts) > 0 {
				t.Logf("  %s", facts[0].AppendJSON(nil))
			}
			secrets(t, o, "AWSAccessKeyId", "Signature", "x-amz-security-token")
			if e.Status == http.StatusOK && string(e.Body) != `{"data":[]}` {
				b := read(t, "", bare(string(e.Body)))
				if len(b.facts())+len(b.left) == 0 {
					t.Errorf("%s, bare: neither events nor a reason; gaps %v", file.Path, b.gaps)
				}
			}
		}
	}
}

// secrets fails if a text is in what came of a run.
func secrets(t *testing.T, o outcome, texts ...string) {
	t.Helper()
	all := fmt.Append(nil, o.gaps, o.left)
	for i := range o.Events {
		all = o.Events[i].AppendJSON(all)
	}
	for _, f := range o.Failures {
		all = append(append(all, f.Body...), f.Err...)
	}
	for _, text := range texts {
		if bytes.Contains(all, []byte(text)) {
			t.Errorf("%q is kept", text)
		}
	}
}

// What is no source's has a reason, and nothing of it is kept.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	const report = `{"data":{"type":"reports","id":"2021-05-01","attributes":{"computed_on":"2021-06-01T00:00:00Z","location":"https://bucket.s3.amazonaws.com/x.zip?AWSAccessKeyId=A&Signature=` + planted + `"}}}`
	usage := `{"usage":[{"hour":"2026-01-01T00:00:00Z","public_id":"org1","host_count":null}]}`
	for name, c := range map[string]struct {
		exchange exchange.Exchange
		want     string
	}{
		"a report":               {asked(t, api+"v1/monthly_custom_reports/2021-05-01", 200, report), "GET api.us3.datadoghq.com/api/v1/monthly_custom_reports/*: a report is a file, whose address is not kept 1"},
		"a report, bare":         {bare(report), ": a report is a file, whose address is not kept 1"},
		"a refusal":              {asked(t, api+"v2/usage/historical_cost", 403, `{"errors":["`+planted+`"]}`), "GET api.us3.datadoghq.com/api/v2/usage/historical_cost: the answer is an error: 403 Forbidden 1"},
		"a bad request":          {asked(t, api+"v1/usage/logs", 400, `{"errors":["x"]}`), "GET api.us3.datadoghq.com/api/v1/usage/logs: the answer is an error: 400 Bad Request 1"},
		"a refusal of a list":    {asked(t, api+"v1/monitor", 403, `{"errors":["x"]}`), "GET api.us3.datadoghq.com/api/v1/monitor: the answer is an error: 403 Forbidden 1"},
		"an error, bare":         {bare(`{"errors":["Forbidden"]}`), ": the answer is an error 1"},
		"others' costs":          {asked(t, api+"v2/cost/custom_costs/0f1e2d3c-aaaa-bbbb-cccc-0123456789ab", 200, `{"data":{"attributes":{"charges":[]}}}`), "GET api.us3.datadoghq.com/api/v2/cost/custom_costs/*: Cloud Cost Management holds what other vendors bill: no cost of Datadog 1"},
		"a budget, bare":         {bare(`{"data":[{"type":"budget","attributes":{"metrics_query":"aws.cost.amortized{*}","total_amount":1000}}]}`), ": Cloud Cost Management holds what other vendors bill: no cost of Datadog 1"},
		"a configuration, bare":  {bare(`{"data":{"type":"aws_cur_config","attributes":{"account_id":"123456123456"}}}`), ": Cloud Cost Management holds what other vendors bill: no cost of Datadog 1"},
		"a projection":           {asked(t, api+"v2/usage/projected_cost?view=sub-org", 200, data(stated("parent", "2026-02-01", "1", "logs total 1"))), "GET api.us3.datadoghq.com/api/v2/usage/projected_cost: a projection is no cost 1"},
		"an unknown call":        {asked(t, "GET https://acme.datadoghq.com/api/v1/user/"+strings.Repeat("a", 50)+"/x9", 200, `{}`), "GET acme.datadoghq.com/api/v1/user/*/*: nothing reads this call 1"},
		"a call of many words":   {asked(t, api+"v1/usage/logs-by-retention", 400, `{}`), "GET api.us3.datadoghq.com/api/v1/usage/logs-by-retention: the answer is an error: 400 Bad Request 1"},
		"a call with a short id": {asked(t, api+"v1/dashboard/abc-def-ghi", 200, `{}`), "GET api.us3.datadoghq.com/api/v1/dashboard/*: nothing reads this call 1"},
		"other data":             {asked(t, api+"v2/usage/other-types", 200, `{"data":[{"type":"x","attributes":{"values":["a"]}}]}`), "GET api.us3.datadoghq.com/api/v2/usage/other-types: the item states no measurement 1"},
		"a change":               {asked(t, "POST https://api.us3.datadoghq.com/api/v1/monitor", 200, `{"id":1}`), "POST api.us3.datadoghq.com/api/v1/monitor: nothing reads this call 1"},
		"no measurement":         {asked(t, api+"v1/usage/hosts", 200, usage), "GET api.us3.datadoghq.com/api/v1/usage/hosts: no measurement has a value 1"},
		"no measurement, bare":   {bare(usage), ": no measurement has a value 1"},
		"no usage":               {asked(t, api+"v2/usage/hourly_usage", 200, `{"data":[]}`), "GET api.us3.datadoghq.com/api/v2/usage/hourly_usage: the answer is empty 1"},
		"no body":                {asked(t, api+"v2/usage/hourly_usage", 204, ``), "GET api.us3.datadoghq.com/api/v2/usage/hourly_usage: the answer is empty 1"},
		"a list of nobody's":     {asked(t, api+"v1/monitor", 200, `[`+monitor+`]`), "GET api.us3.datadoghq.com/api/v1/monitor: its organisation is not stated: give its public id as the account 1"},
		"a summary":              {asked(t, api+"v1/usage/summary", 200, `{"usage":[{"date":"2026-01-01"}]}`), "GET api.us3.datadoghq.com/api/v1/usage/summary: a summary of what hours state 1"},
		"an empty audit trail":   {asked(t, api+"v2/audit/events", 200, `{"data":[],"meta":{"status":"done"}}`), "GET api.us3.datadoghq.com/api/v2/audit/events: the answer is empty 1"},
		"a path without a host":  {asked(t, "GET /api/v2/cost/budgets", 200, `{"data":[]}`), "GET /api/v2/cost/budgets: Cloud Cost Management holds what other vendors bill: no cost of Datadog 1"},
		"usage of another shape": {asked(t, api+"v1/usage/top_avg_metrics", 200, `{"usage":[{"metric_name":"x","avg_metric_hour":1}]}`), "GET api.us3.datadoghq.com/api/v1/usage/top_avg_metrics: averages of a month that state no hour 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := read(t, "", c.exchange)
			if diff := cmp.Diff([]string{c.want}, o.whys()); diff != "" || len(o.facts()) > 0 || len(o.gaps) > 0 {
				t.Errorf("(-want +got):\n%s\nevents %v, gaps %v", diff, o.facts(), o.gaps)
			}
			secrets(t, o, planted)
		})
	}
}

// Others' exchanges are not taken for Datadog's.
func TestNotKnown(t *testing.T) {
	t.Parallel()
	for _, e := range []exchange.Exchange{
		asked(t, "GET https://api.github.com/orgs/acme/repos", 200, `[]`), asked(t, "GET https://datadoghq.com.evil.example/api/v1/monitor", 200, `[]`),
		asked(t, "GET https://api.datadoghq.com.evil.example/api/v1/monitor", 200, `[]`), asked(t, "GET https://notdatadoghq.com/api/v1/monitor", 200, `[]`),
		bare(`{"errors":["x"],"success":false}`),
		asked(t, "GET /client/v4/zones", 200, `{}`), asked(t, "GET /orgs/acme/repos", 200, `[]`),
		bare(``), bare(`[]`), bare(`{}`), bare(`{"data":[]}`), bare(`{"usage":[]}`), bare(`{"usageItems":[{"date":"x"}]}`), bare(`[{"id":1,"type":"x"}]`), bare(`not JSON`), bare(`7`),
		bare(`{"success":false,"errors":[{"code":7003}]}`), bare(`{"errors":[{"message":"x"}]}`), bare(`{"tests":[{"id":1}]}`), bare(`{"data":[{"type":"audit","attributes":{}}]}`),
	} {
		for _, src := range datadog.Registrations() {
			if src.Recorded.Knows(&e) {
				t.Errorf("%s knows %v %s", src.Name, e.URL, e.Body)
			}
		}
	}
}

// Recorded lists are completed with all their pages, of the whole list, alone.
func TestRecordedLists(t *testing.T) {
	t.Parallel()
	host := func(from, n, total int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"id":%d,"name":"h","aliases":[]}`, from+i))
		}
		return fmt.Sprintf(`{"host_list":[%s],"total_returned":%d,"total_matching":%d}`, strings.Join(all, ","), n, total)
	}
	done := []string{"org1 us3.datadoghq.com datadog:host"}
	for name, c := range map[string]struct {
		all  []exchange.Exchange
		done []string
		n    int
	}{
		"all pages, in any order": {[]exchange.Exchange{asked(t, api+"v1/hosts?start=2&count=2", 200, host(2, 1, 3)), asked(t, api+"v1/hosts?start=0&count=2", 200, host(0, 2, 3))}, done, 3},
		"the first page":          {[]exchange.Exchange{asked(t, api+"v1/hosts?start=0&count=2", 200, host(0, 2, 3))}, nil, 2},
		"the last page":           {[]exchange.Exchange{asked(t, api+"v1/hosts?start=2&count=2", 200, host(2, 1, 1))}, nil, 1},
		"fewer than promised":     {[]exchange.Exchange{asked(t, api+"v1/hosts", 200, host(0, 2, 3))}, nil, 2},
		"filtered":                {[]exchange.Exchange{asked(t, api+"v1/hosts?filter=env:prod", 200, host(0, 2, 2))}, nil, 2},
		"alone":                   {[]exchange.Exchange{bare(host(0, 2, 2))}, nil, 2},
		"a full page twice":       {[]exchange.Exchange{asked(t, api+"v1/monitor?page=0&page_size=1", 200, `[`+monitor+`]`), asked(t, api+"v1/monitor?page=0&page_size=1", 200, `[`+monitor+`]`)}, nil, 1},
		"the first page, changed": {[]exchange.Exchange{asked(t, api+"v1/hosts?start=0&count=2", 200, host(0, 2, 3)), asked(t, api+"v1/hosts?start=0&count=2", 200, host(1, 2, 3))}, nil, 3},
		"all pages, one twice":    {[]exchange.Exchange{asked(t, api+"v1/hosts?start=0&count=2", 200, host(0, 2, 3)), asked(t, api+"v1/hosts?start=2&count=2", 200, host(2, 1, 3)), asked(t, api+"v1/hosts?start=0&count=2", 200, host(0, 2, 3))}, done, 3},
		"a full page and none":    {[]exchange.Exchange{asked(t, api+"v1/monitor?page=0&page_size=1", 200, `[`+monitor+`]`), asked(t, api+"v1/monitor?page=1&page_size=1", 200, `[]`)}, []string{"org1 us3.datadoghq.com datadog:monitor"}, 1},
		"without the site":        {[]exchange.Exchange{asked(t, "GET /api/v1/hosts", 200, host(0, 2, 2))}, nil, 2},
		"all monitors":            {[]exchange.Exchange{asked(t, api+"v1/monitor", 200, `[`+monitor+`]`)}, []string{"org1 us3.datadoghq.com datadog:monitor"}, 1},
		"a full page of monitors": {[]exchange.Exchange{asked(t, api+"v1/monitor?page=0&page_size=1", 200, `[`+monitor+`]`)}, nil, 1},
		"a monitor, bare":         {[]exchange.Exchange{bare(`[` + monitor + `]`)}, nil, 1},
		"dashboards, bare":        {[]exchange.Exchange{bare(`{"dashboards":[` + dashboard + `]}`)}, nil, 1},
		"tests":                   {[]exchange.Exchange{asked(t, api+"v1/synthetics/tests", 200, `{"tests":[`+synthetics+`]}`)}, []string{"org1 us3.datadoghq.com datadog:synthetics_test"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := read(t, "org1", c.all...)
			want(t, "completions", c.done, o.completions())
			if got := len(o.snapshots()); got != c.n {
				t.Errorf("%d snapshots, not %d: left %v, gaps %v", got, c.n, o.whys(), o.gaps)
			}
			secrets(t, o, planted)
		})
	}
}

// Each number of a v1 item is a measurement, but for those that say what was measured.
func TestRecordedUsage(t *testing.T) {
	t.Parallel()
	o := read(t, "",
		asked(t, api+"v1/usage/logs_by_index", 200, `{"usage":[{"hour":"2026-01-01T05","org_id":7,"index_name":"main","index_id":"33","retention":15,"rate_limited":false,"event_count":11,"live":null,"public_id":"org1"},
			{"hour":"2026-01-01T05","index_name":"other","event_count":12,"public_id":"org1"}]}`),
		asked(t, api+"v2/usage/application_security", 200, `{"data":[{"type":"usage_timeseries","attributes":{"public_id":"org1","usage_type":"app_sec_host_count","timeseries":[{"timestamp":"2026-01-01T05:00:00+00:00","value":3},{"timestamp":"2026-01-01T06:00:00+00:00","value":null}]}}]}`),
		asked(t, api+"v1/usage/hourly-attribution?usage_type=api_usage", 200, `{"usage":[{"hour":"2026-01-01T05:00:00Z","public_id":"org1","usage_type":"api_usage","total_usage_sum":1.5,"tags":{"team":["b","a"]},"tag_config_source":"x","updated_at":"y","region":"us"}]}`),
	)
	var got []string
	for _, e := range o.Of(envelope.TypeMetricSampled) {
		got = append(got, fmt.Sprintf("%s %s %s %s %v %v %s", e.Source, e.ARN, e.Service, e.Properties.Get("metric"), *e.MetricValue, e.Tags, e.Properties.Get("dimensions")))
	}
	slices.Sort(got)
	want(t, "samples", []string{
		`datadog.attribution datadog:org/org1 usage_attribution api_usage 1.5 [{team a,b}] {"region":"us","tag:team":"a,b"}`,
		`datadog.usage datadog:org/org1 application_security app_sec_host_count 3 [] `,
		`datadog.usage datadog:org/org1 logs_by_index event_count 11 [] {"index_id":"33","index_name":"main","retention":"15"}`,
		`datadog.usage datadog:org/org1 logs_by_index event_count 12 [] {"index_name":"other"}`,
	}, got)
	text := read(t, "", asked(t, api+"v1/usage/hosts", 200, `{"usage":[{"hour":"2026-01-01T05","public_id":"org1","host_count":1},{"hour":"2026-01-01T06","public_id":"org1","host_count":"2"}]}`))
	want(t, "an item without a number", []string{"GET api.us3.datadoghq.com/api/v1/usage/hosts: the item states no measurement 1"}, text.whys())
	twice := read(t, "", asked(t, api+"v1/usage/hosts", 200, `{"usage":[{"hour":"2026-01-01T05","public_id":"org1","host_count":1},{"hour":"2026-01-01T05","public_id":"org1","host_count":2}]}`))
	want(t, "two values of one hour", []string{"datadog:usage GET api.us3.datadoghq.com/api/v1/usage/hosts invalid"}, twice.missed())
	// Without their organisation, answers are apart; with it they are one.
	alone := bare(`{"usage":[{"hour":"2026-01-01T05","analyzed_logs":1}]}`)
	other := bare(`{"usage":[{"hour":"2026-01-01T05","analyzed_logs":2}]}`)
	if ids := eventIDs(read(t, "", alone, other)); ids[0] == ids[1] {
		t.Error("two organisations' usage is one event")
	}
}

func TestRecordedAudit(t *testing.T) {
	t.Parallel()
	const page = `{"data":[{"type":"audit","id":"e1","attributes":{"timestamp":"2026-01-01T05:00:00.123456Z","attributes":{"action":"modified","usr":{"email":"ann@example.com"},"asset":{"type":"monitor","id":5}}}}],"meta":{"status":"done"}}`
	for payer, n := range map[string]int{"org1": 2, "": 1} { // a resource's key needs its organisation
		for _, e := range []exchange.Exchange{asked(t, api+"v2/audit/events", 200, page), asked(t, "POST https://api.us3.datadoghq.com/api/v2/audit/events/search", 200, page), bare(page)} {
			o := read(t, payer, e)
			if facts := o.facts(); len(facts) != n || facts[0].Actor != "ann@example.com" || facts[0].Source != datadog.AuditSource || len(o.completions()) > 0 {
				t.Errorf("%v: %+v", e.URL, facts)
			}
		}
	}
}
