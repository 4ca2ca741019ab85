package github_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/exchange"
	"polo/producers/exchange/exchangetest"
	"polo/producers/github"
)

// reads gives exchanges to the readers that know them, and returns what they emit and leave.
func reads(t *testing.T, at string, all ...exchange.Exchange) (rec *emittertest.Recorder, left []string, sum []string) {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	rec = &emittertest.Recorder{}
	known := make([]int, len(all))
	for _, s := range github.Registrations() {
		var its []exchange.Exchange
		for i := range all {
			if s.Recorded.Knows(&all[i]) {
				its = append(its, all[i])
				known[i]++
			}
		}
		if len(its) == 0 {
			continue
		}
		c := s.Recorded.New(its, func(l exchange.Left) { left = append(left, strings.TrimSpace(l.Why+" "+l.Call)) })
		if c.Source() != s.Name {
			t.Errorf("%s reads for %s", c.Source(), s.Name)
		}
		result, err := producers.Run(t.Context(), producers.RunConfig{Collector: c, Emitter: rec, Scheduled: when, Recorded: true, Now: func() time.Time { return when }})
		if err != nil {
			t.Fatal(err)
		}
		sum = append(sum, gaps(result)...)
	}
	for i, n := range known {
		if n != 1 {
			t.Errorf("%d readers know exchange %d", n, i)
		}
	}
	valid(t, rec.Events)
	slices.Sort(left)
	return rec, left, sum
}

// answered is a recorded exchange: "GET https://api.github.com/path" and its answer.
func answered(request, body string, header ...string) exchange.Exchange {
	x := exchange.Exchange{Status: 200, Header: http.Header{}, Body: []byte(body)}
	method, address, found := strings.Cut(request, " ")
	if found {
		x.Method = method
		x.URL, _ = url.Parse(address)
	}
	for i := 0; i+1 < len(header); i += 2 {
		x.Header.Add(header[i], header[i+1])
	}
	return x
}

const billed = `{"date":"2026-03-01","product":"Actions","sku":"linux","quantity":1,"unitType":"minutes","pricePerUnit":1,"grossAmount":2,"discountAmount":0,"netAmount":%s,"repositoryName":"acme/web"}`

func body(nets ...string) string {
	var items []string
	for _, n := range nets {
		items = append(items, fmt.Sprintf(billed, n))
	}
	return `{"usageItems":[` + strings.Join(items, ",") + `]}`
}

func TestRecordedCosts(t *testing.T) {
	t.Parallel()
	const api = "GET https://api.github.com:443"
	usage := api + "/organizations/Acme/settings/billing/usage?year=2026&month=3"
	for name, c := range map[string]struct {
		all        []exchange.Exchange
		lines      []string
		left, gaps []string
		completed  []string
	}{
		"a month": {
			all: []exchange.Exchange{answered(usage, body("2", "3"))}, completed: []string{"acme 2026-03-01/2026-04-01"},
			lines: []string{"acme github:acme/web actions 03-01/03-02 5 USD 2 minutes"},
		},
		"asked twice": {
			all: []exchange.Exchange{answered(usage, body("2")), answered(usage, body("3"))}, completed: []string{"acme 2026-03-01/2026-04-01"},
			lines: []string{"acme github:acme/web actions 03-01/03-02 3 USD 1 minutes"}, left: []string{"a later answer to the same request is among them GET api.github.com/organizations/*/settings/billing/usage"},
		},
		"a day of it": {all: []exchange.Exchange{answered(usage+"&day=1", body("2"))}, lines: []string{"acme github:acme/web actions 03-01/03-02 2 USD 1 minutes"}},
		"a year, by month": {
			all:  []exchange.Exchange{answered(strings.TrimSuffix(usage, "&month=3"), body("2"))},
			left: []string{"the report may be of whole months, which reports of days state too GET api.github.com/organizations/*/settings/billing/usage"},
		},
		"a year, by day": {
			all:   []exchange.Exchange{answered(strings.TrimSuffix(usage, "&month=3"), strings.ReplaceAll(body("2"), "03-01", "03-02"))},
			lines: []string{"acme github:acme/web actions 03-02/03-03 2 USD 1 minutes"},
		},
		"no request": {all: []exchange.Exchange{answered("", body("2"))}, lines: []string{"acme github:acme/web actions 03-01/03-02 2 USD 1 minutes"}},
		"nobody's":   {all: []exchange.Exchange{answered("", strings.ReplaceAll(body("2"), "acme/web", ""))}, left: []string{"whose it is is not stated"}},
		"a user's":   {all: []exchange.Exchange{answered(strings.Replace(usage, "organizations/Acme", "users/Ada", 1), body("2"))}, lines: []string{"acme github:acme/web actions 03-01/03-02 2 USD 1 minutes"}, completed: []string{"ada 2026-03-01/2026-04-01"}},
		"an error": {
			all:  []exchange.Exchange{{Method: "GET", URL: answered(usage, "").URL, Status: 403, Body: []byte(`{"message":"no"}`)}},
			left: []string{"the answer is an error GET api.github.com/organizations/*/settings/billing/usage"},
		},
		"invalid": {all: []exchange.Exchange{answered(usage, body("null"))}, left: []string{"the answer is not as documented GET api.github.com/organizations/*/settings/billing/usage"}, gaps: []string{"acme github:cost 2026-03: invalid"}},
		"an enterprise": {
			all: []exchange.Exchange{
				answered(api+"/enterprises/mega/settings/billing/usage?year=2026&month=3", body("2")), answered(api+"/enterprises/mega/settings/billing/usage?year=2026&month=3&cost_center_id=cc", body("3")),
				answered(api+"/enterprises/mega/settings/billing/usage?year=2026&month=2", `{"usageItems":[]}`),
				answered(api+"/enterprises/mega/settings/billing/cost-centers", `{"costCenters":[{"id":"cc","name":"R"}]}`),
			},
			lines:     []string{"acme github:acme/web actions 03-01/03-02 2 USD 1 minutes", "acme github:acme/web actions 03-01/03-02 3 USD 1 minutes"},
			completed: []string{"@enterprise/mega 2026-03-01/2026-04-01"},
			left:      []string{"the cost centers name the costs GET api.github.com/enterprises/*/settings/billing/cost-centers", "the report has no usage GET api.github.com/enterprises/*/settings/billing/usage"},
		},
		"an enterprise without its cost centers": {all: []exchange.Exchange{answered(api+"/enterprises/mega/settings/billing/usage?year=2026&month=3", body("2"))}, lines: []string{"acme github:acme/web actions 03-01/03-02 2 USD 1 minutes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, left, gaps := reads(t, "2026-05-01T00:00:00Z", c.all...)
			for what, diff := range map[string]string{"lines": cmp.Diff(c.lines, lines(rec)), "left": cmp.Diff(c.left, left), "gaps": cmp.Diff(c.gaps, gaps), "completed": cmp.Diff(c.completed, completed(rec))} {
				if diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}
		})
	}
}

// Reports that split the usage report's money count in no total.
func TestRecordedViews(t *testing.T) {
	t.Parallel()
	const view = `{"timePeriod":{"year":2026,"month":3},"user":"ada","usageItems":[{"product":"Copilot","sku":"premium","model":"M","unitType":"requests","pricePerUnit":0.04,"grossQuantity":10,"grossAmount":0.4,"discountQuantity":5,"discountAmount":0.2,"netQuantity":5,"netAmount":0.2}]}`
	rec, left, _ := reads(t, "2026-05-01T00:00:00Z",
		answered("", view), answered("GET https://api.github.com/organizations/acme/settings/billing/premium_request/usage?year=2026&month=3", view),
		answered("GET https://api.github.com/organizations/acme/settings/billing/ai_credit/usage", view), answered("GET https://api.github.com/organizations/acme/settings/billing/usage/summary", view),
	)
	var got []string
	for _, e := range rec.Events {
		got = append(got, fmt.Sprintf("%s %s %s %s/%s %s of %s", e.EventType, e.Source, e.AccountID, e.TS.Format(time.DateOnly), e.PeriodEnd.Format(time.DateOnly), e.CostAmount.Decimal, e.UsageQuantity.Decimal))
	}
	slices.Sort(got)
	want := []string{
		"cost.viewed github.billing.ai_credit acme 2026-03-01/2026-04-01 0.2 of 10",
		"cost.viewed github.billing.premium_request acme 2026-03-01/2026-04-01 0.2 of 10",
		"cost.viewed github.billing.usage_summary acme 2026-03-01/2026-04-01 0.2 of 10",
		"cost.viewed github.billing.usage_summary ada 2026-03-01/2026-04-01 0.2 of 10",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(left) > 0 {
		t.Errorf("(-want +got):\n%s\nleft %v", diff, left)
	}
}

const repository = `{"id":1,"node_id":"R_1","name":"%[1]s","full_name":"Acme/%[1]s","owner":{"login":"Acme"},"default_branch":"main"}`

// A list is complete if its pages are all among the recordings, and they say that the credential sees all.
func TestRecordedLists(t *testing.T) {
	t.Parallel()
	const first, second = "GET https://api.github.com/orgs/Acme/repos?per_page=1", "GET https://api.github.com/organizations/77/repos?page=2&per_page=1"
	one, two := "["+fmt.Sprintf(repository, "Web")+"]", "["+fmt.Sprintf(repository, "Api")+"]"
	next := []string{"Link", `<https://api.github.com/organizations/77/repos?page=2&per_page=1>; rel="next"`, "X-OAuth-Scopes", "repo"}
	for name, c := range map[string]struct {
		all       []exchange.Exchange
		completed []string
		snapshots int
	}{
		"both pages":        {[]exchange.Exchange{answered(first, one, next...), answered(second, two, "X-OAuth-Scopes", "repo")}, []string{"acme github:repo"}, 2},
		"the first page":    {[]exchange.Exchange{answered(first, one, next...)}, nil, 1},
		"the second page":   {[]exchange.Exchange{answered(second, two, "X-OAuth-Scopes", "repo")}, nil, 1},
		"no headers":        {[]exchange.Exchange{answered(first, one)}, nil, 1},
		"an App's":          {[]exchange.Exchange{answered(first, one, "X-GitHub-Request-Id", "1")}, nil, 1},
		"a filter":          {[]exchange.Exchange{answered(first+"&type=public", one, "X-OAuth-Scopes", "repo")}, nil, 1},
		"only admins":       {[]exchange.Exchange{answered("GET https://api.github.com/orgs/Acme/members?role=admin", `[{"login":"Ada","id":1}]`, "X-OAuth-Scopes", "repo")}, nil, 1},
		"members":           {[]exchange.Exchange{answered("GET https://api.github.com/orgs/Acme/members", `[{"login":"Ada","id":1}]`, "X-OAuth-Scopes", "repo, read:org")}, []string{"acme github:member"}, 1},
		"public members":    {[]exchange.Exchange{answered("GET https://api.github.com/orgs/Acme/members", `[{"login":"Ada","id":1}]`, "X-OAuth-Scopes", "repo")}, nil, 1},
		"fewer than said":   {[]exchange.Exchange{answered("GET https://api.github.com/orgs/Acme/actions/runners", `{"total_count":2,"runners":[{"id":1,"name":"a"}]}`, "X-OAuth-Scopes", "repo")}, nil, 1},
		"a bare repository": {[]exchange.Exchange{answered("", strings.Trim(one, "[]"))}, nil, 1},
		"a bare list":       {[]exchange.Exchange{answered("", one)}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, left, _ := reads(t, when, c.all...)
			if diff := cmp.Diff(c.completed, completed(rec)); diff != "" || len(rec.Of(envelope.TypeSnapshot)) != c.snapshots || len(left) > 0 {
				t.Errorf("completed (-want +got):\n%s\n%d snapshots, left %v", diff, len(rec.Of(envelope.TypeSnapshot)), left)
			}
		})
	}
}

func TestRecordedCalls(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 2, 3, 4, 5000, time.UTC)
	created := answered("POST https://api.github.com/orgs/acme/repos", fmt.Sprintf(repository, "Web"))
	created.Status, created.At = 201, at
	deleted := answered("DELETE https://api.github.com/repos/acme/Web", "")
	deleted.Status, deleted.At = 204, at.Add(time.Second)
	undated := deleted
	undated.At = time.Time{}
	rec, left, _ := reads(t, when, created, deleted, undated,
		answered("GET https://api.github.com/repos/acme/web/labels/my-label", `{"name":"x"}`), answered("DELETE https://api.github.com/repos/acme/web/git/refs/heads/x", ""),
		answered("GET https://api.github.com/orgs/acme/actions/secrets/public-key", `{"key_id":"1","key":"k"}`), answered("GET https://api.github.com/orgs/acme", `{"login":"acme"}`),
		answered("GET https://api.github.com/orgs/acme/teams/core", `{"slug":"core","name":"Core"}`), answered("GET /rate_limit", `{}`, "X-GitHub-Request-Id", "1"),
	)
	want := []string{
		"nothing reads this call GET api.github.com/orgs/*/actions/secrets/public-key",
		"nothing reads this call GET api.github.com/rate_limit",
		"nothing reads this call GET api.github.com/repos/*/*/labels/*",
		"the answer has no content DELETE api.github.com/repos/*/*/git/refs/*/*",
		"when it was is not stated DELETE api.github.com/repos/*/*",
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	var got []string
	for _, e := range rec.Events {
		got = append(got, e.EventType+" "+e.ARN+" "+e.TS.Format(time.RFC3339Nano))
	}
	if diff := cmp.Diff([]string{
		"resource.snapshot github:acme/web 2026-03-01T02:03:04Z", "resource.deleted github:acme/web 2026-03-01T02:03:05Z", "resource.snapshot github:acme 2026-03-10T08:00:00Z",
		"account.described github:acme 2026-03-10T08:00:00Z", "resource.snapshot github:acme/@team/core 2026-03-10T08:00:00Z",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecordedAuditLog(t *testing.T) {
	t.Parallel()
	const log = `[{"@timestamp":1773000000000,"_document_id":"a","action":"repo.create","actor":"ada","org":"acme","repo":"acme/web"},{"@timestamp":1773000000000,"action":"x","actor":"ada"}]`
	rec, left, _ := reads(t, when, answered("", log), answered("GET https://api.github.com/orgs/acme/audit-log?phrase=x", log))
	if len(rec.Events) != 5 || len(completed(rec)) > 0 || !slices.Equal(left, []string{"whose it is is not stated"}) {
		t.Errorf("%v\nleft %v", activity(rec), left)
	}
}

const sender = `"sender":{"login":"Ada","id":7,"type":"User"}`

func TestWebhooks(t *testing.T) {
	t.Parallel()
	const repo = `"repository":{"id":1,"node_id":"R_1","name":"Web","full_name":"Acme/Web","owner":{"login":"Acme"},"default_branch":"main","created_at":1767225600,"updated_at":"2026-02-01T00:00:00Z","pushed_at":1772323200},"organization":{"login":"Acme","id":5}`
	for name, c := range map[string]struct {
		payload string
		header  []string
		want    []string
	}{
		"created":      {payload: `{"action":"created",` + repo + `,` + sender + `}`, want: []string{"activity.service_event repository.created github:acme/web Ada", "resource.created repository.created github:acme/web Ada"}},
		"renamed":      {payload: `{"action":"renamed","changes":{"repository":{"name":{"from":"Old"}}},` + repo + `,` + sender + `}`, want: []string{"activity.service_event repository.renamed github:acme/web Ada", "resource.updated repository.renamed github:acme/web Ada", "resource.deleted repository.renamed github:acme/old Ada"}},
		"deleted":      {payload: `{"action":"deleted",` + repo + `,` + sender + `}`, want: []string{"activity.service_event repository.deleted github:acme/web Ada", "resource.deleted repository.deleted github:acme/web Ada"}},
		"a header":     {payload: `{"action":"deleted",` + repo + `,` + sender + `}`, header: []string{"X-GitHub-Event", "meta", "X-GitHub-Delivery", "d-1"}, want: []string{"activity.service_event meta.deleted github:acme/web Ada"}},
		"push":         {payload: `{"ref":"refs/heads/main","pusher":{"name":"ada"},"commits":[],"head_commit":{"timestamp":"2020-01-01T00:00:00Z"},` + repo + `,` + sender + `}`, want: []string{"activity.service_event push github:acme/web Ada"}},
		"a comment":    {payload: `{"action":"created","issue":{"id":1},"comment":{"id":2,"created_at":"2026-03-01T00:00:00Z"},` + repo + `,` + sender + `}`, want: []string{"activity.service_event issue_comment.created github:acme/web Ada"}},
		"a team":       {payload: `{"action":"created","team":{"slug":"core","name":"Core","id":1},"organization":{"login":"Acme"},` + sender + `}`, want: []string{"activity.service_event team.created github:acme/@team/core Ada", "resource.created team.created github:acme/@team/core Ada"}},
		"a member":     {payload: `{"action":"member_removed","membership":{"role":"admin","user":{"login":"Bob","id":8}},"organization":{"login":"Acme"},` + sender + `}`, want: []string{"activity.service_event organization.member_removed github:acme Ada", "resource.deleted organization.member_removed github:acme/@member/bob Ada"}},
		"installation": {payload: `{"action":"suspend","installation":{"id":3,"app_slug":"ci","account":{"login":"Acme"},"suspended_at":"2026-03-01T00:00:00Z"},` + sender + `}`, want: []string{"activity.service_event installation.suspend github:acme Ada", "resource.updated installation.suspend github:acme/@installation/3 Ada"}},
		"a new type":   {payload: `{"action":"opened","gizmo":{"id":1,"created_at":"2026-03-01T00:00:00Z"},` + repo + `,` + sender + `}`, want: []string{"activity.service_event gizmo.opened github:acme/web Ada"}},
		"made public":  {payload: `{` + repo + `,` + sender + `}`, want: []string{"activity.service_event public github:acme/web Ada", "resource.updated public github:acme/web Ada"}},
		"a fork":       {payload: `{"forkee":{"id":2,"name":"Web","full_name":"Ada/Web","owner":{"login":"Ada"},"created_at":"2026-03-01T00:00:00Z"},` + repo + `,` + sender + `}`, want: []string{"activity.service_event fork github:acme/web Ada", "resource.created fork github:ada/web Ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := answered("", c.payload, c.header...)
			rec, left, _ := reads(t, when, x)
			var got []string
			for _, e := range rec.Events {
				got = append(got, fmt.Sprintf("%s %s %s %s", e.EventType, e.Properties.Get("event_name"), e.ARN, e.Actor))
				if e.Source != github.SourceWebhooks {
					t.Errorf("%+v", e)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || len(left) > 0 {
				t.Errorf("(-want +got):\n%s\nleft %v", diff, left)
			}
			// A payload that states its time has the same ids whenever it is read.
			if name == "a team" || name == "a member" {
				return
			}
			again, _, _ := reads(t, "2026-06-01T00:00:00Z", x)
			if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
				t.Errorf("read again it has other ids:\n%s", diff)
			}
		})
	}
}

// What is not GitHub's is not taken.
func TestForeignBodies(t *testing.T) {
	t.Parallel()
	for _, x := range []exchange.Exchange{
		answered("", `{"success":true,"result":[]}`), answered("", `{"data":[{"attributes":{}}]}`), answered("", `[]`), answered("", `null`), answered("", `"usageItems"`), answered("", `{"sender":"me","action":"x"}`), answered("", `{"sender":{"login":`),
		answered("GET https://api.cloudflare.com/client/v4/user", `{}`), answered("GET https://api.datadoghq.com/api/v1/org", `{}`), answered("", `[{"full_name":"a b"}]`), answered("", ``), answered("GET /api/v1/hosts", `{}`),
	} {
		for _, s := range github.Registrations() {
			if s.Recorded.Knows(&x) {
				t.Errorf("%s takes %v %s", s.Name, x.URL, x.Body)
			}
		}
	}
}

// Nothing of the other platforms is taken.
func TestRealRecordingsOfOthers(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"cloudflare", "datadog"} {
		for _, file := range exchangetest.Real(t, platform) {
			for _, s := range github.Registrations() {
				if x := answered("", string(file.Text)); s.Recorded.Knows(&x) {
					t.Errorf("%s takes %s", s.Name, file.Path)
				}
			}
		}
	}
}

// Every recorded answer and every webhook becomes events or has a reason.
func TestRealRecordings(t *testing.T) {
	t.Parallel()
	for _, file := range exchangetest.Real(t, "github") {
		rec, left, gaps := reads(t, "2026-05-01T00:00:00Z", file.Exchanges...)
		if len(rec.Events) == 0 && len(left) == 0 || len(gaps) > 0 {
			t.Errorf("%s: no events and no reason; gaps %v", file.Path, gaps)
		}
		t.Logf("%s: %d exchanges, %v, left %v", file.Path, len(file.Exchanges), activity(rec), left)
		for _, e := range rec.Events {
			if strings.Contains(file.Path, "webhooks") && (e.TS.Year() > 2025 || !strings.HasPrefix(e.Properties.Get("event_name"), path.Base(path.Dir(file.Path)))) {
				t.Logf("%s: %s %s at %s", file.Path, e.EventType, e.Properties.Get("event_name"), e.TS)
			}
		}
	}
}
