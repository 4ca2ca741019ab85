package cloudflare_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cloudflare/cloudflaretest"
)

// planted are secrets in answers, of which nothing may be in an event.
const planted = "pl4nted-s3cret"

// furnish gives an account one of everything, with secrets where Cloudflare has them.
func furnish(api *cloudflaretest.API, account string) {
	a, z := "/accounts/"+account, "/zones/"+shop
	api.AddZone(account, shop, "shop.example", "0")
	logpush := `{"id":7,"name":"logs","enabled":true,"dataset":"http_requests","destination_conf":"https://logs.example.com?header_Authorization=` + planted + `","ownership_challenge":"` + planted + `","error_message":"` + planted + `"}`
	for path, item := range map[string]string{
		a + "/workers/scripts":       `{"id":"checkout","etag":"e","handlers":["fetch"],"usage_model":"standard","modified_on":"2026-01-02T03:04:05Z","bindings":[{"text":"` + planted + `"}]}`,
		a + "/r2/buckets":            `{"name":"images","creation_date":"2025-01-02T03:04:05.123Z","location":"WEUR","storage_class":"Standard","secret_access_key":"` + planted + `"}`,
		a + "/access/apps":           `{"id":"app1","name":"Wiki","type":"saas","domain":"wiki.example","aud":"aud1","saas_app":{"client_secret":"` + planted + `"}}`,
		a + "/cfd_tunnel":            `{"id":"tun1","name":"office","status":"healthy","tun_type":"cfd_tunnel","remote_config":true,"tunnel_secret":"` + planted + `","token":"` + planted + `","credentials_file":{"TunnelSecret":"` + planted + `"}}`,
		a + "/load_balancers/pools":  `{"id":"pool1","name":"eu","enabled":false,"minimum_origins":1,"origins":[{"name":"o","header":{"X-Auth":["` + planted + `"]}}]}`,
		a + "/pages/projects":        `{"id":"pg1","name":"site","subdomain":"site.pages.dev","domains":["site.pages.dev"],"production_branch":"main","source":{"type":"github","config":{"owner":"acme","repo_name":"site"}},"deployment_configs":{"production":{"env_vars":{"API_KEY":{"type":"secret_text","value":"` + planted + `"}}}}}`,
		a + "/storage/kv/namespaces": `{"id":"kv1","title":"sessions","supports_url_encoding":true}`,
		a + "/queues":                `{"queue_id":"q1","queue_name":"orders","created_on":"2026-01-02T03:04:05Z","settings":{"delivery_delay":0}}`,
		a + "/logpush/jobs":          logpush,
		a + "/members":               `{"id":"m1","status":"accepted","user":{"id":"u1","email":"ann@acme.example","api_key":"` + planted + `"},"roles":[{"name":"Administrator"}]}`,
		a + "/subscriptions":         `{"id":"s1","state":"Paid","price":5,"currency":"USD","frequency":"monthly","rate_plan":{"id":"workers_paid","public_name":"Workers Paid"}}`,
		z + "/dns_records":           `{"id":"r1","name":"shop.example","type":"A","content":"192.0.2.1","proxied":true,"ttl":1,"tags":["owner:search","stale"]}`,
		z + "/load_balancers":        `{"id":"lb1","name":"lb.shop.example","enabled":true,"default_pools":["pool1"],"fallback_pool":"pool1"}`,
		z + "/logpush/jobs":          logpush,
	} {
		api.Set(path, item)
	}
}

// allTypes are what the inventory completes.
func allTypes() []string {
	var all []string
	for _, t := range []string{"access_application", "account", "dns_record", "kv_namespace", "load_balancer", "load_balancer_pool", "logpush_job", "member", "pages_project", "queue", "r2_bucket", "subscription", "tunnel", "worker_script", "zone"} {
		all = append(all, "aaaa cloudflare:"+t)
	}
	return all
}

func without(all []string, missing ...string) []string {
	var rest []string
	for _, s := range all {
		if !contains(missing, strings.TrimPrefix(s, "aaaa cloudflare:")) {
			rest = append(rest, s)
		}
	}
	return rest
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

func TestInventory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testInventory) // its clock does not wait for the limit
}

func testInventory(t *testing.T) {
	api := newAPI(acme)
	furnish(api, acme)
	api.AddZone(other, blog, "blog.example", "0") // of another account
	rec, sum := collect(t, api, "inventory", one, "2026-03-10T06:00:00Z")
	want := []string{
		"account/A Acme aaaa ", "account/A/access_application/app1 Wiki ", "account/A/kv_namespace/kv1 sessions ", "account/A/load_balancer_pool/pool1 eu disabled", "account/A/logpush_job/7 logs enabled",
		"account/A/member/m1 ann@acme.example accepted", "account/A/pages_project/pg1 site ", "account/A/queue/q1 orders ", "account/A/r2_bucket/images images ", "account/A/subscription/s1 Workers Paid Paid",
		"account/A/tunnel/tun1 office healthy", "account/A/worker_script/checkout checkout ", "zone/Z shop.example active", "zone/Z/dns_record/r1 shop.example ", "zone/Z/load_balancer/lb1 lb.shop.example enabled",
		"zone/Z/logpush_job/7 logs enabled",
	}
	short := strings.NewReplacer(acme, "A", shop, "Z", "cloudflare:", "")
	got := texts(rec.Of(envelope.TypeSnapshot), func(e *envelope.ResourceEvent) string {
		return short.Replace(e.ARN) + " " + e.ResourceName + " " + e.State
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(allTypes(), completions(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("completions (-want +got):\n%s\ngaps %v", diff, gaps(sum))
	}
	if n := len(rec.Of(envelope.TypeAccountDescribed)); n != 1 {
		t.Errorf("%d accounts described", n)
	}
	text, err := json.Marshal(rec.Events)
	if err != nil || strings.Contains(string(text), planted) || strings.Contains(string(text), "header_Authorization") {
		t.Errorf("a secret is in an event: %v", err)
	}
	for _, e := range rec.Of(envelope.TypeSnapshot) {
		switch e.ResourceType {
		case "cloudflare:dns_record":
			if e.Tags.Get("owner") != "search" || !e.Tags.Has("stale") || e.Properties.Get("zone_name") != "shop.example" || strings.Join(e.Ancestors, " ") != "cloudflare:zone/"+shop+" cloudflare:account/"+acme {
				t.Errorf("%+v", e)
			}
		case "cloudflare:load_balancer":
			if len(e.Relations) != 1 || e.Relations[0].TargetARN != "cloudflare:account/"+acme+"/load_balancer_pool/pool1" {
				t.Errorf("%+v", e.Relations)
			}
		}
	}
	again, _ := collect(t, api, "inventory", one, "2026-03-10T06:00:00Z")
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
}

func records(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"id":"r%d","name":"n%d.shop.example","type":"A","content":"192.0.2.1"}`, i, i))
	}
	return all
}

// A list is complete if as many items came as were promised and the last page was short or the last, and not because its result_info says so.
func TestResultInfoLies(t *testing.T) {
	t.Parallel()
	dns := "/zones/" + shop + "/dns_records"
	set := func(name string, value any) func(map[string]any) {
		return func(info map[string]any) { info[name] = value }
	}
	for name, tc := range map[string]struct {
		path    string
		n, most int
		lie     func(map[string]any)
		whole   bool
	}{
		"the truth, in pages":                {dns, 250, 100, nil, true},
		"the truth, a full last page":        {dns, 200, 100, nil, true},
		"the truth, nothing":                 {dns, 0, 100, nil, true},
		"more promised than comes":           {dns, 4, 100, set("total_count", 193), false},
		"fewer promised than come":           {dns, 4, 100, set("total_count", 3), false},
		"pages that are not all":             {dns, 250, 100, set("total_pages", 1), true},
		"a count that is wrong":              {dns, 4, 100, set("count", 100), false},
		"nothing about the list":             {dns, 4, 100, func(info map[string]any) { clear(info) }, true},
		"nothing but pages":                  {dns, 250, 100, func(info map[string]any) { delete(info, "total_count"); delete(info, "count") }, true},
		"a page size of its own":             {dns, 250, 100, func(info map[string]any) { delete(info, "total_count"); delete(info, "total_pages") }, true},
		"a list without pages promises more": {"/zones/" + shop + "/load_balancers", 2, 0, set("total_count", 3), false},
		"cursors":                            {"/accounts/" + acme + "/r2/buckets", 2500, 0, nil, true},
		"cursors, deeper": {"/accounts/" + acme + "/r2/buckets", 2500, 0, func(info map[string]any) {
			info["cursors"] = map[string]any{"after": info["cursor"]}
			delete(info, "cursor")
		}, true},
		"a cursor that leads back":              {"/accounts/" + acme + "/r2/buckets", 10, 0, set("cursor", "0"), false},
		"per_page is the greatest whole number": {dns, 4, 100, set("per_page", int64(9223372036854775807)), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := newAPI(acme)
				api.AddZone(acme, shop, "shop.example", "0")
				items := records(tc.n)
				kind := "dns_record"
				switch {
				case strings.HasSuffix(tc.path, "buckets"):
					for i := range items {
						items[i] = fmt.Sprintf(`{"name":"b%d"}`, i)
					}
					kind = "r2_bucket"
				case strings.HasSuffix(tc.path, "balancers"):
					kind = "load_balancer"
				}
				api.Set(tc.path, items...)
				api.MostPerPage(tc.path, tc.most)
				api.Lie(tc.path, tc.lie)
				rec, sum := collect(t, api, "inventory", one, "2026-03-10")
				got := texts(rec.Of(envelope.TypeSnapshot), func(e *envelope.ResourceEvent) string { return e.ResourceType })
				n := 0
				for _, g := range got {
					if g == "cloudflare:"+kind {
						n++
					}
				}
				want := allTypes()
				if !tc.whole {
					want = without(want, kind)
				}
				if diff := cmp.Diff(want, completions(rec)); diff != "" || tc.whole && (n != tc.n || len(sum.Gaps) > 0) || !tc.whole && (len(sum.Gaps) != 1 || sum.Gaps[0].Reason != "partial") {
					t.Errorf("%d of %d items, gaps %v, completions (-want +got):\n%s", n, tc.n, gaps(sum), diff)
				}
			})
		})
	}
}

// What is refused is a gap of its type, and the rest is completed. Without the zones nothing that is in zones is.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path    string
		fault   cloudflaretest.Fault
		gaps    []string
		missing []string
	}{
		"denied in a 200": {"/accounts/" + acme + "/queues", cloudflaretest.Fault{Status: 200, Code: 10000, Message: "Authentication error"}, []string{"cloudflare:queue denied 10000"}, []string{"queue"}},
		"not enabled":     {"/accounts/" + acme + "/r2/buckets", cloudflaretest.Fault{Status: 403, Code: 10042, Message: "Please enable R2"}, []string{"cloudflare:r2_bucket disabled 10042"}, []string{"r2_bucket"}},
		"unknown code":    {"/accounts/" + acme + "/queues", cloudflaretest.Fault{Status: 400, Code: 4711, Message: "?"}, []string{"cloudflare:queue failed 4711"}, []string{"queue"}},
		"a zone's":        {"/zones/" + blog + "/logpush/jobs", cloudflaretest.Fault{Status: 403, Code: 9109}, []string{"cloudflare:logpush_job denied 9109"}, []string{"logpush_job"}},
		"the zones": {
			"/zones",
			cloudflaretest.Fault{Status: 403, Code: 10000},
			[]string{"cloudflare:dns_record denied 10000", "cloudflare:load_balancer denied 10000", "cloudflare:logpush_job denied 10000", "cloudflare:zone denied 10000"},
			[]string{"dns_record", "load_balancer", "logpush_job", "zone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := newAPI(acme)
				furnish(api, acme)
				api.AddZone(acme, blog, "blog.example", "0")
				api.Fail(tc.path, tc.fault)
				rec, sum := collect(t, api, "inventory", one, "2026-03-10")
				if diff := cmp.Diff(tc.gaps, gaps(sum)); diff != "" {
					t.Errorf("gaps (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(without(allTypes(), tc.missing...), completions(rec)); diff != "" {
					t.Errorf("completions (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What is of another account than was asked for is not emitted, and completes nothing.
func TestAnotherAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := newAPI(acme)
		api.SetObject("/accounts/"+acme, `{"id":"`+other+`","name":"Other"}`)
		rec, sum := collect(t, api, "inventory", one, "2026-03-10")
		if diff := cmp.Diff([]string{"cloudflare:account invalid"}, gaps(sum)); diff != "" || len(rec.Of(envelope.TypeSnapshot)) != 0 {
			t.Errorf("%s\n%d snapshots", diff, len(rec.Of(envelope.TypeSnapshot)))
		}
		if diff := cmp.Diff(without(allTypes(), "account"), completions(rec)); diff != "" {
			t.Error(diff)
		}
	})
}

// 200 zones of 4 accounts on one token take their turns at 3 requests a second, and no request is about one record.
func TestAccountsShareOneLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var accounts []string
		for i := range 4 {
			accounts = append(accounts, fmt.Sprintf("%032d", i))
		}
		api := newAPI(accounts...)
		api.Limit(1200, 5*time.Minute, 5*time.Minute)
		for i := range 200 {
			id := fmt.Sprintf("%032x", 1000+i)
			api.AddZone(accounts[i%4], id, "z.example", "0")
			api.Set("/zones/"+id+"/dns_records", records(30)...)
		}
		setting, err := json.Marshal(map[string]any{"accounts": accounts})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_, sum := collect(t, api, "inventory", string(setting), "2026-03-10")
		took := time.Since(begin)
		// 3 for each zone, 13 for each account, whose 50 zones fill one page.
		n := len(api.Requests())
		if want := 200*3 + 4*13; n != want || len(sum.Gaps) != 0 || sum.Counts.Throttles != 0 {
			t.Errorf("%d requests, want %d; gaps %v", n, want, gaps(sum))
		}
		if least := time.Duration(n-10) * time.Second / 3; took < least-time.Second || took > least+5*time.Second {
			t.Errorf("%d requests took %s, want %s", n, took, least)
		}
	})
}

// A block that is longer than the time left is a gap, and no sleep; one that is shorter is waited for.
func TestBlocked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		left  time.Duration
		fault cloudflaretest.Fault
		want  []string
	}{
		"too long":           {3 * time.Minute, cloudflaretest.Fault{Status: 429, Code: 10429, Header: map[string]string{"Retry-After": "300"}}, []string{"cloudflare:audit_log throttled"}},
		"without a time":     {3 * time.Minute, cloudflaretest.Fault{Status: 429, Code: 10429}, []string{"cloudflare:audit_log throttled"}},
		"in a 200":           {3 * time.Minute, cloudflaretest.Fault{Status: 200, Code: 971}, []string{"cloudflare:audit_log throttled"}},
		"there is time left": {10 * time.Minute, cloudflaretest.Fault{Status: 429, Code: 10429, Times: 1, Header: map[string]string{"Retry-After": "300"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := newAPI(acme)
				api.Fail("/accounts/"+acme+"/logs/audit", tc.fault)
				ctx, cancel := context.WithTimeout(t.Context(), tc.left)
				defer cancel()
				begin := time.Now()
				rec, sum := collectFor(ctx, t, api, "audit", one, "2026-03-10")
				if diff := cmp.Diff(tc.want, gaps(sum)); diff != "" || len(completions(rec)) != 1-len(tc.want) {
					t.Errorf("gaps (-want +got):\n%s\ncompleted %v", diff, completions(rec))
				}
				if took := time.Since(begin); tc.want != nil && took > time.Second || tc.want == nil && took < 5*time.Minute {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// Once the API blocks a token, the run waits, and continues.
func TestWaitsForTheBlock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := newAPI(acme)
		api.Limit(10, 5*time.Minute, 5*time.Minute)
		begin := time.Now()
		rec, sum := collect(t, api, "inventory", one, "2026-03-10")
		if took := time.Since(begin); took < 5*time.Minute || took > 6*time.Minute || sum.Counts.Throttles != 1 || len(sum.Gaps) != 0 {
			t.Errorf("took %s, %+v, gaps %v", took, sum.Counts, gaps(sum))
		}
		if diff := cmp.Diff(allTypes(), completions(rec)); diff != "" {
			t.Error(diff)
		}
	})
}

// Where the time is not enough for all zones, what the account holds beside them is complete.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := newAPI(acme)
		api.AddZone(acme, shop, "shop.example", "0")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		rec, sum := collectFor(ctx, t, &hanging{api}, "inventory", one, "2026-03-10")
		for _, kind := range []string{"dns_record", "load_balancer", "logpush_job"} {
			if slices.Contains(completions(rec), "aaaa cloudflare:"+kind) {
				t.Errorf("completed %s", kind)
			}
		}
		if !slices.Contains(completions(rec), "aaaa cloudflare:worker_script") || !slices.Contains(completions(rec), "aaaa cloudflare:zone") {
			t.Errorf("completed %v", completions(rec))
		}
		if diff := cmp.Diff([]string{"cloudflare:dns_record deadline", "cloudflare:load_balancer deadline", "cloudflare:logpush_job deadline"}, gaps(sum)); diff != "" {
			t.Errorf("gaps (-want +got):\n%s", diff)
		}
	})
}

// hanging does not answer requests for DNS records.
type hanging struct{ *cloudflaretest.API }

func (h *hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/dns_records") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return h.API.RoundTrip(r)
}
