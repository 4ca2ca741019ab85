package github_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/secret"
	"polo/producers/emittertest"
	"polo/producers/github"
	"polo/producers/github/githubtest"
	"polo/producers/source"
)

// used is a usage item: date product sku unit quantity gross discount net.
func used(text, org, repo string) githubtest.Object {
	f := strings.Fields(text)
	o := githubtest.Object{"date": f[0], "product": f[1], "sku": f[2], "unitType": f[3], "pricePerUnit": json.Number("0.008")}
	for i, name := range []string{"quantity", "grossAmount", "discountAmount", "netAmount"} {
		o[name] = json.Number(f[4+i])
	}
	if org != "" {
		o["organizationName"] = org
	}
	if repo != "" {
		o["repositoryName"] = repo
	}
	return o
}

func lines(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		all = append(all, fmt.Sprintf("%s %s %s %s/%s %s %s %s %s", e.AccountID, e.ARN, e.Service, e.TS.Format("01-02"), e.PeriodEnd.Format("01-02"), e.CostAmount.Decimal, e.Currency, e.UsageQuantity.Decimal, e.UsageUnit))
	}
	slices.Sort(all)
	return all
}

// The net amount of a day is the cost. One key twice in an answer is one line, also if it is written differently.
func TestUsageOfAnOrganisation(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.SetUsage("organizations/acme", "2026-03", "",
		used("2026-03-01 Actions actions_linux Minutes 100 0.8 0.2 0.6", "Acme", "Acme/Web"),
		used("2026-03-01T00:00:00Z actions Actions_Linux minutes 1.5 0.30000000000000004 0 0.30000000000000004", "acme", "web"),
		used("2026-03-02 Copilot copilot_business user-months 2 38 0 38", "", ""),
		used("2026-03-02 Actions actions_linux Minutes 1 9 0 4", "", "web"),
	)
	cfg := config(t, `{"organisations":["Acme"]}`)
	rec, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
	want := []string{
		"acme github:acme copilot 03-02/03-03 38 USD 2 user-months",
		"acme github:acme/web actions 03-01/03-02 0.90000000000000004 USD 101.5 Minutes",
		"acme github:acme/web actions 03-02/03-03 4 USD 1 Minutes",
	}
	if diff := cmp.Diff(want, lines(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("(-want +got):\n%s\ngaps %v", diff, sum.Gaps)
	}
	if diff := cmp.Diff([]string{"acme 2026-02-01/2026-03-01", "acme 2026-03-01/2026-03-11"}, completed(rec)); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		switch {
		case e.ARN == "github:acme" && e.Properties.Has("repository"), e.Properties.Has(envelope.PropPayerAccount):
			t.Errorf("%+v", e)
		case e.CostAmount.Decimal.String() == "0.90000000000000004":
			want := map[string]string{
				"product": "Actions", "sku": "actions_linux", "repository": "web", "gross_amount": "1.10000000000000004", "discount_amount": "0.2", "price_per_unit": "0.008",
			}
			if diff := cmp.Diff(envelope.PairsOf(want), e.Properties); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
		case e.CostAmount.Decimal.String() == "4":
			if got := e.Properties.Get("gross_less_discount_less_net"); got != "5" {
				t.Errorf("a net that is not gross less discount is not told: %q", got)
			}
		}
	}
	again, _ := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
}

// A restated line has the id of before, whatever the case; a line that is gone is covered by the completion.
func TestRestatedMonth(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	cfg := config(t, `{"organisations":["acme"]}`)
	at := func(when, item string) (string, []string) {
		api.SetUsage("organizations/acme", "2026-03", "", used(item, "acme", "acme/web"))
		rec, _ := run(t, github.NewBilling(cfg, clients(cfg, api)), when)
		return rec.Of(envelope.TypeCostAccrued)[0].EventID.String(), completed(rec)
	}
	before, _ := at("2026-03-10T08:00:00Z", "2026-03-01 Actions actions_linux Minutes 100 0.8 0.2 0.6")
	after, _ := at("2026-03-10T16:00:00Z", "2026-03-01 ACTIONS Actions_linux minutes 50 0.4 0.1 0.3")
	if before != after {
		t.Error("a restated line has another id")
	}
	api.SetUsage("organizations/acme", "2026-03", "")
	rec, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-04-10T00:00:00Z")
	if diff := cmp.Diff([]string{"acme 2026-03-01/2026-04-01", "acme 2026-04-01/2026-04-11"}, completed(rec)); diff != "" || len(sum.Gaps) > 0 || len(lines(rec)) > 0 {
		t.Errorf("an empty month (-want +got):\n%s\ngaps %v", diff, sum.Gaps)
	}
}

func TestMonths(t *testing.T) {
	t.Parallel()
	for at, want := range map[string][]string{
		"2026-03-01T00:00:00Z": {"2026-1", "2026-2", "2026-3"},
		"2026-03-03T23:00:00Z": {"2026-1", "2026-2", "2026-3"},
		"2026-03-04T00:00:00Z": {"2026-2", "2026-3"},
		"2026-01-31T00:00:00Z": {"2025-12", "2026-1"},
	} {
		api := githubtest.New(token)
		cfg := config(t, `{"organisations":["acme"]}`)
		run(t, github.NewBilling(cfg, clients(cfg, api)), at)
		var got []string
		for _, asked := range api.Asked() {
			_, query, _ := strings.Cut(asked, "?month=")
			month, year, _ := strings.Cut(query, "&year=")
			got = append(got, year+"-"+month)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
}

func enterprise() *githubtest.API {
	api := githubtest.New(token)
	api.SetList("/enterprises/mega/settings/billing/cost-centers", githubtest.Object{"id": "cc-1", "name": "Research", "state": "active"}, githubtest.Object{"id": "cc-2", "name": "Old", "state": "deleted"})
	api.SetUsage("enterprises/mega", "2026-03", "", used("2026-03-01 Actions actions_linux Minutes 100 1 0 1", "Acme", "Acme/Web"), used("2026-03-01 Copilot seats user-months 1 9 0 9", "", ""))
	api.SetUsage("enterprises/mega", "2026-03", "cc-1", used("2026-03-01 Actions actions_linux Minutes 100 2 0 2", "Acme", "Acme/Web"))
	return api
}

// Usage in a cost centre is in no plain report, and a line of its own.
func TestEnterprise(t *testing.T) {
	t.Parallel()
	api := enterprise()
	cfg := config(t, `{"enterprise":"Mega","organisations":["acme"]}`)
	rec, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
	want := []string{
		"@enterprise/mega github:@enterprise/mega copilot 03-01/03-02 9 USD 1 user-months",
		"acme github:acme/web actions 03-01/03-02 1 USD 100 Minutes",
		"acme github:acme/web actions 03-01/03-02 2 USD 100 Minutes",
	}
	if diff := cmp.Diff(want, lines(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("(-want +got):\n%s\ngaps %v", diff, sum.Gaps)
	}
	if diff := cmp.Diff([]string{"@enterprise/mega 2026-02-01/2026-03-01", "@enterprise/mega 2026-03-01/2026-03-11"}, completed(rec)); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		seen[e.EventID.String()] = true
		if e.AccountID == "acme" && e.Properties.Get(envelope.PropPayerAccount) != "@enterprise/mega" {
			t.Errorf("no payer: %+v", e)
		}
		if e.CostAmount.Decimal.String() == "2" && (e.Properties.Get("cost_center_id") != "cc-1" || e.Properties.Get("cost_center") != "Research") {
			t.Errorf("no cost center: %+v", e)
		}
	}
	if len(seen) != 3 {
		t.Error("lines of two cost centers have one id")
	}
}

// A cost centre that is refused leaves its month open, and no other.
func TestCostCentreRefused(t *testing.T) {
	t.Parallel()
	api := enterprise()
	api.Fail("/enterprises/mega/settings/billing/usage?cost_center_id=cc-1&month=3", githubtest.Fault{Status: http.StatusForbidden, Body: `{"message":"Must have admin rights"}`, Header: map[string]string{"X-Accepted-OAuth-Scopes": "manage_billing:enterprise"}})
	cfg := config(t, `{"enterprise":"mega"}`)
	rec, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
	if diff := cmp.Diff([]string{"@enterprise/mega 2026-02-01/2026-03-01"}, completed(rec)); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"@enterprise/mega github:cost 2026-03 of cost center cc-1 (Research): denied"}, gaps(sum)); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	for _, want := range []string{"Must have admin rights", "manage_billing:enterprise", "classic personal access token"} {
		if !strings.Contains(sum.Gaps[0].Error, want) {
			t.Errorf("the gap does not say %q: %s", want, sum.Gaps[0].Error)
		}
	}
	api.Fail("/enterprises/mega/settings/billing/cost-centers", githubtest.Fault{Status: http.StatusNotFound, Body: `{}`})
	rec, sum = run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
	if len(completed(rec)) != 0 || len(sum.Gaps) != 1 || sum.Gaps[0].What != "github:cost_center" || sum.Gaps[0].Reason != "denied" {
		t.Errorf("without the list of cost centers %v are complete; gaps %v", completed(rec), sum.Gaps)
	}
}

// What is not as documented is a gap of its month, of which nothing is complete.
func TestInvalidUsage(t *testing.T) {
	t.Parallel()
	good := used("2026-03-01 Actions actions_linux Minutes 1 1 0 1", "acme", "acme/web")
	for name, change := range map[string]func(githubtest.Object){
		"no net":             func(o githubtest.Object) { delete(o, "netAmount") },
		"net is null":        func(o githubtest.Object) { o["netAmount"] = nil },
		"net is a word":      func(o githubtest.Object) { o["netAmount"] = "much" },
		"net of many digits": func(o githubtest.Object) { o["netAmount"] = json.Number("1e999999999") },
		"no quantity":        func(o githubtest.Object) { delete(o, "quantity") },
		"no date":            func(o githubtest.Object) { delete(o, "date") },
		"another month":      func(o githubtest.Object) { o["date"] = "2026-04-01" },
		"no product":         func(o githubtest.Object) { o["product"] = "" },
		"no sku":             func(o githubtest.Object) { delete(o, "sku") },
		"organisation":       func(o githubtest.Object) { o["organizationName"] = "a/b" },
		"repository":         func(o githubtest.Object) { o["repositoryName"] = "a/b/c" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := githubtest.Object{}
			for k, v := range good {
				bad[k] = v
			}
			change(bad)
			api := githubtest.New(token)
			api.SetUsage("organizations/acme", "2026-03", "", good, bad)
			cfg := config(t, `{"organisations":["acme"]}`)
			rec, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
			if diff := cmp.Diff([]string{"acme github:cost 2026-03: invalid"}, gaps(sum)); diff != "" || len(lines(rec)) != 0 || len(completed(rec)) != 1 {
				t.Errorf("gaps (-want +got):\n%s\nlines %v, completed %v", diff, lines(rec), completed(rec))
			}
		})
	}
}

// GitHub says "slow down" with 403 and 429. A wait that fits is waited for; a longer one than the time left is a gap at once.
func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault func() githubtest.Fault
		waits time.Duration // at least
		want  []string
	}{
		"primary": {fault: func() githubtest.Fault {
			return githubtest.Fault{Status: 403, Times: 1, Body: `{"message":"API rate limit exceeded"}`, Header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(time.Now().Add(5 * time.Minute).Unix())}}
		}, waits: 5 * time.Minute},
		"primary, too long": {fault: func() githubtest.Fault {
			return githubtest.Fault{Status: 403, Body: `{"message":"API rate limit exceeded"}`, Header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(time.Now().Add(50 * time.Minute).Unix())}}
		}, want: []string{"acme github:cost 2026-02: throttled", "acme github:cost 2026-03: throttled"}},
		"secondary": {fault: func() githubtest.Fault {
			return githubtest.Fault{Status: 403, Times: 1, Body: `{"message":"You have exceeded a secondary rate limit. Please wait"}`}
		}, waits: time.Minute},
		"retry after": {fault: func() githubtest.Fault {
			return githubtest.Fault{Status: 429, Times: 1, Header: map[string]string{"Retry-After": "90"}}
		}, waits: 90 * time.Second},
		"forbidden": {fault: func() githubtest.Fault {
			return githubtest.Fault{Status: 403, Body: `{"message":"Resource not accessible by integration"}`, Header: map[string]string{"X-RateLimit-Remaining": "4999", "X-Accepted-GitHub-Permissions": "organization_administration=read"}}
		}, want: []string{"acme github:cost 2026-02: denied", "acme github:cost 2026-03: denied"}},
		"not found": {fault: func() githubtest.Fault { return githubtest.Fault{Status: 404, Body: `{"message":"Not Found"}`} }, want: []string{"acme github:cost 2026-02: denied", "acme github:cost 2026-03: denied"}},
		"gone":      {fault: func() githubtest.Fault { return githubtest.Fault{Status: 410, Body: `{"message":"moved"}`} }, want: []string{"acme github:cost 2026-02: disabled", "acme github:cost 2026-03: disabled"}},
		"legal":     {fault: func() githubtest.Fault { return githubtest.Fault{Status: 451, Body: `{"message":"blocked"}`} }, want: []string{"acme github:cost 2026-02: denied", "acme github:cost 2026-03: denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := githubtest.New(token)
				api.Fail("/organizations/acme/settings/billing/usage", c.fault())
				cfg := config(t, `{"organisations":["acme"]}`)
				begin := time.Now()
				rec, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-10T08:00:00Z")
				took := time.Since(begin)
				if diff := cmp.Diff(c.want, gaps(sum)); diff != "" || took < c.waits || c.want != nil && took > time.Minute || c.want == nil && len(completed(rec)) != 2 {
					t.Errorf("gaps (-want +got):\n%s\nafter %v", diff, took)
				}
				if name == "forbidden" && !strings.Contains(sum.Gaps[0].Error, "the permission organization_administration=read") {
					t.Errorf("the permission is not named: %s", sum.Gaps[0].Error)
				}
			})
		})
	}
}

// Sixteen organisations on one token keep its one limit.
func TestScopesShareOneLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 16 {
			names = append(names, fmt.Sprintf("%q", fmt.Sprint("org", i)))
		}
		cfg := config(t, `{"organisations":[`+strings.Join(names, ",")+`]}`)
		api := githubtest.New(token)
		begin := time.Now()
		_, sum := run(t, github.NewBilling(cfg, clients(cfg, api)), "2026-03-02T08:00:00Z")
		// Three months each are 48 requests, of which 30 may come at once.
		if took := time.Since(begin); len(api.Asked()) != 48 || took < 18*time.Second || took > 19*time.Second || len(sum.Gaps) > 0 {
			t.Errorf("%d requests took %v; gaps %v", len(api.Asked()), took, sum.Gaps)
		}
	})
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{}`, `{"organisations":[]}`, `{"organisations":["a/b"]}`, `{"organisations":["acme","Acme"]}`, `{"organisations":["a.b"]}`, `{"enterprise":"a b"}`, `{"organizations":["acme"]}`,
		`{"organisations":["acme"],"api":"http://ghe.example.com"}`, `{"organisations":["acme"],"api":"https://u:p@ghe.example.com"}`, `{"organisations":["acme"],"api":"https://ghe.example.com/x"}`,
		`{"organisations":["acme"]}{}`,
	} {
		if _, err := github.ParseConfig([]byte(text)); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

// On another server than github.com all keys and accounts begin with its name.
func TestServer(t *testing.T) {
	t.Parallel()
	for address, host := range map[string]string{"https://api.mega.ghe.com": "mega.ghe.com", "https://GHE.example.com/api/v3": "ghe.example.com"} {
		api := githubtest.New(token)
		api.SetUsage("organizations/acme", "2026-03", "", used("2026-03-01 Actions actions_linux Minutes 1 1 0 1", "acme", "acme/web"))
		cfg := config(t, `{"organisations":["acme"],"api":"`+address+`"}`)
		rec, sum := run(t, github.NewBilling(cfg, clients(cfg, http.StripPrefix(strings.TrimPrefix(strings.TrimPrefix(address, "https://api.mega.ghe.com"), "https://GHE.example.com"), api))), "2026-03-10T08:00:00Z")
		if want := host + "/acme github:" + host + "/acme/web actions 03-01/03-02 1 USD 1 Minutes"; len(lines(rec)) != 1 || lines(rec)[0] != want || len(completed(rec)) != 2 {
			t.Errorf("lines %v, gaps %v", lines(rec), sum.Gaps)
		}
	}
}

// A registered source is made of its settings, and reads an API over HTTP.
func TestRegistration(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 101)
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	for _, s := range github.Registrations() {
		settings := map[string]string{"POLO_GITHUB": `{"enterprise":"mega"}`}
		deps := source.Deps{
			Endpoint: server.URL, Getenv: func(name string) string { return settings[name] },
			Secret: func(string) (secret.Fields, error) { return secret.NewFields(aws.Config{}, `{"token":"`+token+`"}`) },
		}
		if _, err := s.New(deps); (err != nil) != (s.Name != github.SourceBilling) {
			t.Errorf("%s of an enterprise: %v", s.Name, err)
		}
		settings["POLO_GITHUB"] = `{"organisations":["acme"]}`
		c, err := s.New(deps)
		if err != nil {
			t.Fatal(err)
		}
		rec, sum := run(t, c, when)
		if len(sum.Gaps) > 0 || len(completed(rec)) == 0 {
			t.Errorf("%s: completed %v, gaps %v", s.Name, completed(rec), sum.Gaps)
		}
	}
}
