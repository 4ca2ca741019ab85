package cloudflare_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
	"polo/producers/cloudflare"
	"polo/producers/emittertest"
	"polo/producers/exchange"
	"polo/producers/exchange/exchangetest"
)

// recorded is an exchange: "GET /zones?page=1", or "" for a bare answer.
func recorded(t *testing.T, request string, status int, body string) exchange.Exchange {
	t.Helper()
	x := exchange.Exchange{Status: status, Body: []byte(body), Header: http.Header{}}
	if method, to, ok := strings.Cut(request, " "); ok {
		if !strings.HasPrefix(to, "https:") {
			to = "https://api.cloudflare.com/client/v4" + to
		}
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		x.Method, x.URL = method, u
	}
	return x
}

// listed is a list's answer; info is what it says about itself.
func listed(info string, items ...string) string {
	if info != "" {
		info = `,"result_info":` + info
	}
	return `{"success":true,"errors":[],"messages":[],"result":[` + strings.Join(items, ",") + `]` + info + `}`
}

// ingest reads exchanges with the source that knows each.
func ingest(t *testing.T, all ...exchange.Exchange) (*emittertest.Recorder, []string, []string) {
	t.Helper()
	var left, missing []string
	rec := &emittertest.Recorder{}
	known := 0
	for _, src := range cloudflare.Registrations() {
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
		at := when(t, "2026-03-10")
		sum, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: src.Recorded.New(mine, func(l exchange.Left) { left = append(left, fmt.Sprintf("%d %s: %s", l.Count, l.Call, l.Why)) }),
			Emitter:   rec, Scheduled: at, Window: producers.Window{From: at.Add(-24 * time.Hour), To: at}, Recorded: true, Now: func() time.Time { return at },
		})
		if err != nil {
			t.Fatal(err)
		}
		missing = append(missing, gaps(sum)...)
	}
	if known != len(all) {
		t.Errorf("%d of %d exchanges are known once", known, len(all))
	}
	for i := range rec.Events {
		if err := rec.Events[i].Validate(); err != nil {
			t.Errorf("%s: %v", rec.Events[i].ARN, err)
		}
		checkKey(t, &rec.Events[i])
	}
	return rec, left, missing
}

func keys(rec *emittertest.Recorder) []string {
	short := strings.NewReplacer(acme, "A", shop, "Z", "cloudflare:", "")
	return texts(rec.Of(envelope.TypeSnapshot), func(e *envelope.ResourceEvent) string { return short.Replace(e.ARN + " " + e.AccountID) })
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	zone := `{"id":"` + shop + `","name":"shop.example","name_servers":[],"plan":{},"account":{"id":"` + acme + `"}}`
	dns := func(id string) string {
		return `{"id":"` + id + `","name":"x","type":"A","content":"192.0.2.1","proxiable":true}`
	}
	zones, records, queues := "GET /zones?account.id="+acme, "GET /zones/"+shop+"/dns_records?per_page=2", "GET /accounts/"+acme+"/queues"
	last := `{"page":1,"per_page":50,"count":1,"total_count":1,"total_pages":1}`
	for name, tc := range map[string]struct {
		all              []exchange.Exchange
		keys, done, left []string
		gaps             []string
	}{
		"a zone and its records, in pages": {
			all: []exchange.Exchange{
				recorded(t, records+"&page=2", 200, listed(`{"page":2,"per_page":2,"count":1,"total_count":3,"total_pages":2}`, dns("r3"))),
				recorded(t, records, 200, listed(`{"page":1,"per_page":2,"count":2,"total_count":3,"total_pages":2}`, dns("r1"), dns("r2"))),
				recorded(t, zones, 200, listed(last, zone)),
			},
			keys: []string{"zone/Z A", "zone/Z/dns_record/r1 A", "zone/Z/dns_record/r2 A", "zone/Z/dns_record/r3 A"}, done: []string{"aaaa cloudflare:dns_record", "aaaa cloudflare:zone"},
		},
		"the last page is missing": {
			all: []exchange.Exchange{
				recorded(t, records, 200, listed(`{"page":1,"per_page":2,"count":2,"total_count":3,"total_pages":2}`, dns("r1"), dns("r2"))),
				recorded(t, zones, 200, listed(last, zone)),
			},
			keys: []string{"zone/Z A", "zone/Z/dns_record/r1 A", "zone/Z/dns_record/r2 A"}, done: []string{"aaaa cloudflare:zone"},
		},
		"the first page is missing": {
			all:  []exchange.Exchange{recorded(t, records+"&page=2", 200, listed(`{"page":2,"per_page":2,"count":1,"total_count":3,"total_pages":2}`, dns("r3")))},
			keys: []string{"zone/Z/dns_record/r3 "},
		},
		"the last page alone": {
			all:  []exchange.Exchange{recorded(t, queues+"?page=2", 200, listed(`{"page":2,"per_page":20,"count":1,"total_pages":2}`, `{"queue_id":"q","queue_name":"n"}`))},
			keys: []string{"account/A/queue/q A"},
		},
		"a part of the zones": {
			all:  []exchange.Exchange{recorded(t, "GET /zones?name=shop.example", 200, listed(last, zone))},
			keys: []string{"zone/Z A"},
		},
		"pages that lie": {
			all:  []exchange.Exchange{recorded(t, zones, 200, listed(`{"page":1,"per_page":50,"count":3,"total_count":1,"total_pages":1}`, zone))},
			keys: []string{"zone/Z A"}, gaps: []string{"cloudflare:zone partial"},
		},
		"a zone alone": {
			all:  []exchange.Exchange{recorded(t, "GET /zones/"+shop, 200, `{"success":true,"errors":[],"messages":[],"result":`+zone+`}`)},
			keys: []string{"zone/Z A"},
		},
		"bare": {
			all:  []exchange.Exchange{recorded(t, "", 200, listed("", zone)), recorded(t, "", 200, listed("", strings.Replace(dns("r1"), `{`, `{"zone_id":"`+shop+`",`, 1))), recorded(t, "", 200, listed("", `{"queue_id":"q","queue_name":"n"}`, `{"queue_id":"p","queue_name":"n"}`)), recorded(t, "", 200, listed("", `{"x":1}`))},
			keys: []string{"zone/Z A", "zone/Z/dns_record/r1 A"}, left: []string{"1 : nothing tells what this answer lists", "2 : nothing tells whose these are"},
		},
		"nothing to make events of": {
			all: []exchange.Exchange{
				recorded(t, "POST /accounts/"+acme+"/queues", 200, listed("")),
				recorded(t, "GET /accounts/"+acme+"/stream/live_inputs", 200, listed("")),
				recorded(t, "GET /accounts/"+acme+"/members", 403, `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`),
				recorded(t, "GET /accounts/"+acme+"/pages/projects", 200, `<html>`),
			},
			left: []string{"1 POST api.cloudflare.com/accounts/*/queues: nothing reads this call", "1 GET api.cloudflare.com/accounts/*/stream/live_inputs: nothing reads this call", "1 GET api.cloudflare.com/accounts/*/members: the answer is an error", "1 GET api.cloudflare.com/accounts/*/pages/projects: the answer is not as documented"},
		},
		"an empty list that is whole": {
			all:  []exchange.Exchange{recorded(t, queues+"?per_page=10", 200, listed(""))},
			done: []string{"aaaa cloudflare:queue"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, left, missing := ingest(t, tc.all...)
			if diff := cmp.Diff(tc.keys, keys(rec)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.done, completions(rec)); diff != "" {
				t.Errorf("completions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.left, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.gaps, missing); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// Costs and logs that were recorded have the ids of those that are read live.
func TestRecordedLikeLive(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	line, fee, log := fixed(used("2026-03-06", "Workers", "1.5", shop)), subscribed("s1", "5", "2026-03-05", "2026-04-05", ""), logged("1", "2026-03-09T01:00:00Z", "create", "success", "POST", "/zones/"+shop+"/dns_records", "r9", shop)
	api.SetUsage(acme, meter(t, "2026-03-05", line))
	api.Set("/accounts/"+acme+"/subscriptions", fee)
	api.Set("/accounts/"+acme+"/logs/audit", log)
	costs, _ := collect(t, api, "billing", one, "2026-03-10")
	logs, _ := collect(t, api, "audit", one, "2026-03-10")
	rec, left, _ := ingest(t,
		recorded(t, "GET /accounts/"+acme+"/billable-usage?from=2026-03-05&to=2026-03-10", 200, listed("", line)),
		recorded(t, "GET /accounts/"+acme+"/subscriptions", 200, listed(`{"page":1,"per_page":20,"count":1,"total_count":1,"total_pages":1}`, fee)),
		recorded(t, "GET /accounts/"+acme+"/logs/audit?since=2026-03-09&before=2026-03-10", 200, listed("", log)),
	)
	for _, of := range []string{envelope.TypeCostAccrued, envelope.TypeAPICall, envelope.TypeResourceCreated} {
		live := append(costs.Of(of), logs.Of(of)...)
		if diff := cmp.Diff(texts(live, id), texts(rec.Of(of), id)); diff != "" || len(live) == 0 {
			t.Errorf("%s (-live +recorded):\n%s", of, diff)
		}
	}
	if len(left) > 0 {
		t.Errorf("left %v", left)
	}
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		if e.Source != cloudflare.SourceBilling {
			t.Errorf("a cost of %s", e.Source)
		}
	}
	// Bare ones are known by their members.
	rec, left, _ = ingest(t, recorded(t, "", 200, listed("", line)), recorded(t, "", 200, listed("", log)))
	if len(rec.Of(envelope.TypeCostAccrued)) != 1 || len(rec.Of(envelope.TypeAPICall)) != 1 || len(left) > 0 {
		t.Errorf("%d events, left %v", len(rec.Events), left)
	}
}

func TestKnowsOnlyCloudflare(t *testing.T) {
	t.Parallel()
	for _, x := range []exchange.Exchange{
		recorded(t, "GET https://api.github.com/client/v4/zones", 200, listed("")), recorded(t, "GET https://api.cloudflare.com/other", 200, listed("")),
		recorded(t, "", 200, `{"data":[]}`), recorded(t, "", 200, `[]`), recorded(t, "", 200, ``), recorded(t, "", 200, `{"success":true,"result":[]}`),
	} {
		for _, src := range cloudflare.Registrations() {
			if src.Recorded.Knows(&x) {
				t.Errorf("%s knows %s %s", src.Name, x.URL, x.Body)
			}
		}
	}
}

// Each real exchange becomes events, or nothing for a reason; no secret of it is in an event.
func TestRealAnswers(t *testing.T) {
	t.Parallel()
	for _, file := range exchangetest.Real(t, "cloudflare") {
		for _, bare := range []bool{false, true} {
			var exchanges []exchange.Exchange
			for _, x := range file.Exchanges {
				if bare {
					x.Method, x.URL = "", nil
				}
				exchanges = append(exchanges, x)
				rec, left, missing := ingest(t, x)
				if len(rec.Events) == 0 && len(left) == 0 {
					t.Errorf("%s: neither events nor a reason", file.Path)
				}
				t.Logf("%s, bare %v: %v, completed %v, left %v, gaps %v", file.Path, bare, keys(rec), completions(rec), left, missing)
			}
			rec, _, _ := ingest(t, exchanges...)
			events, err := json.Marshal(rec.Events)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range secretsIn(string(file.Text)) {
				if strings.Contains(string(events), secret) {
					t.Errorf("%s: an event has a destination", file.Path)
				}
			}
		}
	}
}

// secretsIn returns the destinations of logs in a text, and the keys in them.
func secretsIn(text string) []string {
	var all []string
	for _, part := range strings.Split(text, `\"destination_conf\": \"`)[1:] {
		value, _, _ := strings.Cut(part, `\"`)
		all = append(all, value)
		if _, key, ok := strings.Cut(value, "secret-access-key="); ok {
			all = append(all, key)
		}
	}
	return all
}
