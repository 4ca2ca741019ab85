package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"polo/producers/cloudflare/cloudflaretest"
	"polo/producers/datadog/datadogtest"
	"polo/producers/github/githubtest"
)

// platformStep is a run of all sources at a scheduled time.
type platformStep struct {
	name, at string
	change   func(*testing.T, *platforms)
	// failing are the functions that read nothing at all.
	failing []string
	// want is what people read then, as far as it differs from the step before; "" is
	// nothing.
	want map[string]string
}

func platformSteps() []platformStep {
	all := []platformStep{
		{
			name: "first", at: "2026-03-10T08:00:00Z", change: furnish, want: map[string]string{
				"costs of github": "59.100000000000000001 in 5, gone 0", "costs of cloudflare": "23.55 in 4, gone 0", "costs of datadog": "35.500000000000000001 in 4, gone 0",
				"views of datadog.attribution": "28.000000000000000001", "metrics of datadog.attribution": "19", "metrics of datadog.usage": "10.5",
				"activity of github.audit": "2", "activity of cloudflare.audit": "2", "activity of datadog.audit": "1",
				"there: github:org": "1", "there: github:repo": "3", "there: github:team": "2", "there: github:member": "2", "there: github:outside_collaborator": "1",
				"there: github:runner": "1", "there: github:installation": "1", "there: github:secret": "1",
				"there: cloudflare:account": "1", "there: cloudflare:zone": "1", "there: cloudflare:dns_record": "3", "there: cloudflare:queue": "2", "there: cloudflare:logpush_job": "1", "there: cloudflare:tunnel": "1",
				"there: datadog:host": "2", "there: datadog:monitor": "2", "there: datadog:dashboard": "1", "there: datadog:synthetics_test": "1",
			},
		},
		{name: "the same time again", at: "2026-03-10T08:00:00Z"},
		{
			name: "restated, and some gone", at: "2026-03-11T08:00:00Z", change: restate, want: map[string]string{
				"costs of github": "21.000000000000000001 in 4, gone 1", "costs of cloudflare": "21.3 in 3, gone 1", "costs of datadog": "32.250000000000000001 in 4, gone 1",
				"views of datadog.attribution": "27.000000000000000001", "activity of datadog.audit": "2",
				"there: github:runner": "", "there: cloudflare:dns_record": "2", "there: datadog:monitor": "1",
			},
		},
		{
			// Of GitHub's costs only what one part of the month states is restated.
			name: "refused in part", at: "2026-03-12T08:00:00Z", change: refuse,
			failing: []string{"cloudflare.audit", "cloudflare.billing", "datadog.attribution", "datadog.audit", "datadog.billing", "datadog.inventory", "datadog.usage", "github.audit"},
			want: map[string]string{
				"costs of github": "20.900000000000000001 in 4, gone 1",
				"gap of github.billing: github:cost 2026-03 of cost center cc-2 (Shop)": "denied", "gap of github.audit: ": "denied",
				"gap of github.inventory: github:team": "throttled", "gap of github.inventory: github:member": "throttled", "gap of github.inventory: github:outside_collaborator": "throttled",
				"gap of github.inventory: github:runner": "throttled", "gap of github.inventory: github:installation": "throttled", "gap of github.inventory: github:secret": "throttled",
				"gap of cloudflare.billing: cloudflare:cost 2026-02-05": "denied", "gap of cloudflare.billing: cloudflare:cost 2026-03-05": "denied", "gap of cloudflare.audit: cloudflare:audit_log": "denied",
				"gap of cloudflare.inventory: cloudflare:dns_record": "partial", "gap of cloudflare.inventory: cloudflare:queue": "denied",
				"gap of datadog.billing: datadog:cost 2026-02": "denied", "gap of datadog.billing: datadog:cost 2026-03": "denied", "gap of datadog.usage: datadog:usage": "denied",
				"gap of datadog.attribution: datadog:cost_attribution 2026-02": "denied", "gap of datadog.attribution: datadog:usage_attribution": "denied", "gap of datadog.audit: datadog:audit": "denied",
				"gap of datadog.inventory: datadog:host": "denied", "gap of datadog.inventory: datadog:monitor": "denied", "gap of datadog.inventory: datadog:dashboard": "denied", "gap of datadog.inventory: datadog:synthetics_test": "denied",
			},
		},
		{
			name: "whole again", at: "2026-03-13T08:00:00Z", change: relent, want: map[string]string{
				"costs of github": "19.9 in 3, gone 2", "costs of cloudflare": "22.05 in 3, gone 1", "costs of datadog": "41.5 in 2, gone 3",
				"views of datadog.attribution": "31.500000000000000001",
				"there: github:team":           "", "there: cloudflare:dns_record": "1", "there: cloudflare:queue": "", "there: datadog:host": "1",
			},
		},
	}
	refused, whole := all[len(all)-2].want, all[len(all)-1].want
	for name := range refused {
		if strings.HasPrefix(name, "gap of ") {
			whole[name] = "" // none is left
		}
	}
	return all
}

// githubUsage is a usage item: date, product, sku, unit and net amount.
func githubUsage(text, repo string) githubtest.Object {
	f := strings.Fields(text)
	return githubtest.Object{
		"date": f[0], "product": f[1], "sku": f[2], "unitType": f[3], "quantity": 1, "pricePerUnit": 1, "grossAmount": json.Number(f[4]), "discountAmount": 0, "netAmount": json.Number(f[4]),
		"organizationName": "Acme", "repositoryName": repo,
	}
}

// cloudflareUsage is a record of billable usage.
func cloudflareUsage(day, service, cost string) string {
	return fmt.Sprintf(`{"ServiceName":%q,"BillingAccountId":%q,"ChargeCategory":"Usage","BillingCurrency":"USD","ChargePeriodStart":"%sT00:00:00Z","BilledCost":%s,"SubscriptionId":"SUB"}`, service, cloudflareAccount, day, cost)
}

func (p *platforms) setUsage(records ...string) {
	begun := time.Date(2025, 6, 5, 0, 0, 0, 0, time.UTC)
	p.cloudflare.SetUsage(cloudflareAccount, cloudflaretest.Meter{ID: "SUB", Anchor: begun, Start: begun, Records: records})
}

// furnish fills the fakes, and plants secrets where an API has them.
func furnish(_ *testing.T, p *platforms) {
	const at = "2026-03-10T07:30:00Z"
	audited := time.Date(2026, 3, 10, 7, 30, 0, 0, time.UTC)

	g := p.github
	g.SetList("/enterprises/mega/settings/billing/cost-centers", githubtest.Object{"id": "cc-1", "name": "Research"}, githubtest.Object{"id": "cc-2", "name": "Shop"})
	g.SetUsage("enterprises/mega", "2026-02", "", githubUsage("2026-02-28 Actions linux Minutes 12.5", "Acme/Web"))
	g.SetUsage("enterprises/mega", "2026-03", "", githubUsage("2026-03-01 Actions linux Minutes 0.6", "Acme/Web"), githubUsage("2026-03-02 Copilot seats user-months 38", ""))
	g.SetUsage("enterprises/mega", "2026-03", "cc-1", githubUsage("2026-03-03 Actions linux Minutes 1.000000000000000001", "Acme/Web"))
	g.SetUsage("enterprises/mega", "2026-03", "cc-2", githubUsage("2026-03-03 Packages storage GigabyteHours 7", "Acme/Web"))
	g.SetList("/orgs/acme/audit-log",
		githubtest.Object{"@timestamp": audited.UnixMilli(), "_document_id": "g1", "action": "repo.create", "actor": "ada", "repo": "acme/repo-000", "visibility": "Kept9", "hashed_token": p.secret("a hashed token"), "config": githubtest.Object{"secret": p.secret("a webhook's secret")}},
		githubtest.Object{"@timestamp": audited.UnixMilli() + 1, "_document_id": "g2", "action": "git.clone", "actor": "ci", "repository": "acme/repo-001"},
	)

	c, a, z := p.cloudflare, "/accounts/"+cloudflareAccount, "/zones/"+cloudflareZone
	c.SetObject(z+"/subscription", `{"id":"fee","price":20,"currency":"USD","frequency":"monthly","state":"Paid","current_period_start":"2026-03-05T00:00:00Z","current_period_end":"2026-04-05T00:00:00Z","rate_plan":{"id":"pro","public_name":"Pro"}}`)
	p.setUsage(cloudflareUsage("2026-02-20", "Workers", "0.1"), cloudflareUsage("2026-02-20", "Workers", "0.2"), cloudflareUsage("2026-03-06", "Workers", "1.25"), cloudflareUsage("2026-03-07", "R2", "2"))
	c.Set(z+"/dns_records", `{"id":"r1","name":"a","type":"A","content":"192.0.2.1"}`, `{"id":"r2","name":"b","type":"A","content":"192.0.2.2"}`, `{"id":"r3","name":"c","type":"A","content":"192.0.2.3"}`)
	c.MostPerPage(z+"/dns_records", 2)
	c.Set(a+"/queues", `{"queue_id":"q1","queue_name":"Kept9"}`, `{"queue_id":"q2","queue_name":"q"}`)
	c.Set(a+"/logpush/jobs", `{"id":1,"name":"logs","dataset":"http_requests","destination_conf":"https://log.example/in/`+p.secret("a destination")+`"}`)
	c.Set(a+"/cfd_tunnel", `{"id":"t1","name":"t","credentials_file":{"TunnelSecret":"`+p.secret("a tunnel")+`"}}`)
	c.Set(a+"/logs/audit",
		p.logged("c1", at, z+"/dns_records/r1?x="+p.secret("an address"), "r1"), p.logged("c2", at, a+"/queues/q1", "q1"))

	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	p.datadog.Change(func(s *datadogtest.State) {
		s.Final = map[string][]datadogtest.Charge{"2026-02": {{Organisation: "parent", Product: "logs", Type: "on_demand", Cost: "28.000000000000000001"}, {Organisation: "sub", Product: "apm", Type: "on_demand", Cost: "2"}}}
		s.Estimates = map[string][]datadogtest.Charge{"2026-03-08": {logs("3")}, "2026-03-09": {logs("5.5")}}
		s.Usage = []datadogtest.Measurement{{Hour: day(9), Organisation: "parent", Family: "logs", Type: "indexed", Value: "10"}, {Hour: day(9), Organisation: "sub", Family: "logs", Type: "indexed", Value: "0.5"}}
		s.TagConfig = "Acme:::team"
		s.CostByTag = map[string][]datadogtest.Attributed{"2026-02": {attributed("web", "28"), attributed("search", "0.000000000000000001")}}
		s.UsageByTag = map[string][]datadogtest.Attributed{"2026-02": {{Organisation: "parent", Tags: map[string][]string{"team": {"web"}}, Values: map[string]string{"infra_host_usage": "19"}}}}
		s.Hosts = []string{`{"id":1,"name":"h1"}`, `{"id":2,"name":"Kept9"}`}
		s.Monitors = []string{`{"id":1,"name":"m","type":"metric alert","query":"q","message":"call ` + p.secret("a monitor's message") + `"}`, `{"id":2,"name":"n"}`}
		s.Dashboards = []string{`{"id":"a-1","title":"d"}`}
		s.Tests = []string{`{"public_id":"t-1","name":"t","config":{"request":{"headers":{"x-key":"` + p.secret("a test's header") + `"}}}}`}
		s.Audit = []datadogtest.Event{{ID: "d1", At: audited, Attributes: `{"action":"modified","evt":{"name":"Dashboard"},"http":{"url_details":{"path":"/x","queryString":{"api_key":"` + p.secret("an audited query") + `"}}}}`}}
	})
}

// logged is an entry of Cloudflare's audit log.
func (p *platforms) logged(id, at, uri, resource string) string {
	return fmt.Sprintf(`{"id":%q,"account":{"id":%q},"action":{"type":"update","result":"success","time":%q},"actor":{"email":"ann@acme.example"},"raw":{"method":"PATCH","uri":%q},"zone":{"id":%q},"resource":{"id":%q,"request":{"value":%q}}}`,
		id, cloudflareAccount, at, uri, cloudflareZone, resource, p.secret("a logged request"))
}

// logs is what the parent's logs have cost.
func logs(cost string) datadogtest.Charge {
	return datadogtest.Charge{Organisation: "parent", Product: "logs", Type: "on_demand", Cost: cost}
}

// attributed is what a team's logs have cost.
func attributed(team, cost string) datadogtest.Attributed {
	return datadogtest.Attributed{Organisation: "parent", Tags: map[string][]string{"team": {team}}, Values: map[string]string{"logs_on_demand_cost": cost}}
}

// restate lowers a cost line of each platform, and takes away another, and a resource.
func restate(_ *testing.T, p *platforms) {
	p.github.SetUsage("enterprises/mega", "2026-03", "", githubUsage("2026-03-01 ACTIONS linux Minutes 0.5", "acme/web"))
	p.github.SetList("/orgs/acme/actions/runners")
	p.setUsage(cloudflareUsage("2026-02-20", "Workers", "0.3"), cloudflareUsage("2026-03-06", "Workers", "1"))
	p.cloudflare.Set("/zones/"+cloudflareZone+"/dns_records", `{"id":"r1","name":"a"}`, `{"id":"r2","name":"b"}`)
	p.datadog.Change(func(s *datadogtest.State) {
		s.Final["2026-02"] = s.Final["2026-02"][:1]
		s.Estimates["2026-03-09"] = []datadogtest.Charge{logs("2")}
		s.Estimates["2026-03-10"] = []datadogtest.Charge{logs("4.25")}
		s.CostByTag["2026-02"][0] = attributed("web", "27")
		s.Monitors = s.Monitors[:1]
		s.Audit = append(s.Audit, datadogtest.Event{ID: "d2", At: time.Date(2026, 3, 11, 7, 30, 0, 0, time.UTC), Attributes: `{"action":"accessed"}`})
	})
}

// refuse refuses a part of each platform, and takes away what is not refused as well as what is.
func refuse(t *testing.T, p *platforms) {
	refusal := func(where string) string { return `{"message":"no, with token=` + p.secret(where) + `"}` }
	g := p.github
	g.SetUsage("enterprises/mega", "2026-03", "", githubUsage("2026-03-01 actions linux minutes 0.4", "acme/web"))
	g.SetUsage("enterprises/mega", "2026-03", "cc-1")
	g.Fail("/enterprises/mega/settings/billing/usage?cost_center_id=cc-2&month=3&", githubtest.Fault{Status: http.StatusForbidden, Body: refusal("a refused cost center")})
	g.SetList("/orgs/acme/teams")
	// The limit of the hour: no later list is asked for.
	g.Fail("/orgs/acme/teams", githubtest.Fault{
		Status: http.StatusForbidden, Body: `{"message":"API rate limit exceeded"}`,
		Header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)},
	})
	g.Fail("/orgs/acme/audit-log", githubtest.Fault{Status: http.StatusForbidden, Body: refusal("a refused audit log")})

	c, a, z := p.cloudflare, "/accounts/"+cloudflareAccount, "/zones/"+cloudflareZone
	c.Set(z+"/dns_records", `{"id":"r1","name":"a"}`)
	c.Lie(z+"/dns_records", func(info map[string]any) { info["total_count"] = 2 })
	c.Set(a + "/queues")
	c.Fail(a+"/queues", cloudflaretest.Fault{Status: http.StatusOK, Code: 10000, Message: "Authentication error"})
	p.setUsage(cloudflareUsage("2026-03-06", "Workers", "0.01"))
	c.Fail(a+"/billable-usage", cloudflaretest.Fault{Status: http.StatusForbidden, Code: 10000, Message: "no, with api_token=" + p.secret("a refused bill") + ", invalid token " + p.planted["Cloudflare's token"]})
	c.Fail(a+"/logs/audit", cloudflaretest.Fault{Status: http.StatusForbidden, Code: 9109, Message: "Unauthorized"})

	p.rotate(t, p.secret("a revoked key"))
	p.datadog.Change(func(s *datadogtest.State) {
		s.Final, s.Estimates, s.CostByTag, s.Hosts = nil, nil, nil, nil
	})
}

// relent ends all faults: what is stated counts.
func relent(t *testing.T, p *platforms) {
	for _, path := range []string{"/enterprises/mega/settings/billing/usage?cost_center_id=cc-2&month=3&", "/orgs/acme/teams", "/orgs/acme/audit-log"} {
		p.github.Fail(path, githubtest.Fault{})
	}
	a := "/accounts/" + cloudflareAccount
	for _, path := range []string{a + "/queues", a + "/billable-usage", a + "/logs/audit"} {
		p.cloudflare.Fail(path, cloudflaretest.Fault{})
	}
	p.cloudflare.Lie("/zones/"+cloudflareZone+"/dns_records", nil)
	p.setUsage(cloudflareUsage("2026-02-20", "Workers", "0.3"), cloudflareUsage("2026-03-06", "Workers", "1.75"))
	p.rotate(t, datadogtest.ApplicationKey)
	p.datadog.Change(func(s *datadogtest.State) {
		s.Final = map[string][]datadogtest.Charge{"2026-02": {logs("31.5")}}
		s.Estimates = map[string][]datadogtest.Charge{"2026-03-12": {logs("10")}}
		s.CostByTag = map[string][]datadogtest.Attributed{"2026-02": {attributed("web", "31.5"), attributed("search", "0.000000000000000001")}}
		s.Hosts = []string{`{"id":1,"name":"h1"}`}
	})
}
