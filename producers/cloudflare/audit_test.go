package cloudflare_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

// logged is an audit log: what was done, with which path, to which resource.
func logged(id, at, action, result, method, uri, resource, zone string) string {
	zoned := ""
	if zone != "" {
		zoned = fmt.Sprintf(`,"zone":{"id":%q,"name":"shop.example"}`, zone)
	}
	return fmt.Sprintf(`{"id":%q,"account":{"id":%q},"action":{"type":%q,"result":%q,"time":%q,"description":"d"},"actor":{"id":"u1","email":"ann@acme.example","type":"user","context":"dash","ip_address":"192.0.2.9"},
		"raw":{"method":%q,"uri":%q,"status_code":200,"cf_ray_id":"ray"},"resource":{"id":%q,"product":"dns","type":"thing","scope":"zones","request":{"value":%q},"response":{"token":%q}}%s}`,
		id, acme, action, result, at, method, uri, resource, planted, planted, zoned)
}

func TestAudit(t *testing.T) {
	t.Parallel()
	z := "/zones/" + shop
	api := newAPI(acme)
	logs := []string{
		logged("1", "2026-03-09T01:02:03.4567Z", "create", "success", "POST", z+"/dns_records", "r9", shop),
		logged("2", "2026-03-09T02:00:00Z", "update", "success", "PATCH", "/client/v4"+z+"/dns_records/r9?token="+planted, "", shop),
		logged("3", "2026-03-09T03:00:00Z", "delete", "success", "DELETE", "/accounts/"+acme+"/workers/scripts/checkout", "checkout", ""),
		logged("4", "2026-03-09T04:00:00Z", "delete", "failure", "DELETE", z, shop, shop),
		logged("5", "2026-03-09T05:00:00Z", "delete", "success", "DELETE", z+"/custom_thing/7", "7", shop), // not of the inventory: the zone is not gone
		logged("6", "2026-03-09T06:00:00Z", "view", "success", "GET", "/accounts/"+acme+"/members", "", ""),
		logged("7", "2025-03-09T06:00:00Z", "view", "success", "GET", "/accounts/"+acme+"/members", "", ""), // before the window
	}
	api.Set("/accounts/"+acme+"/logs/audit", logs...)
	api.MostPerPage("/accounts/"+acme+"/logs/audit", 2)
	rec, sum := collect(t, api, "audit", one, "2026-03-10")
	short := strings.NewReplacer(acme, "A", shop, "Z", "cloudflare:", "")
	var events []envelope.ResourceEvent
	for _, e := range rec.Events {
		if e.Actor != "" {
			events = append(events, e)
		}
	}
	got := texts(events, func(e *envelope.ResourceEvent) string {
		return e.Properties.Get("audit_log_id") + " " + e.EventType + " " + short.Replace(e.ARN) + " " + e.ErrorCode
	})
	want := []string{
		"1 activity.api_call zone/Z/dns_record/r9 ", "1 resource.created zone/Z/dns_record/r9 ",
		"2 activity.api_call zone/Z/dns_record/r9 ", "2 resource.updated zone/Z/dns_record/r9 ",
		"3 activity.api_call account/A/worker_script/checkout ", "3 resource.deleted account/A/worker_script/checkout ",
		"4 activity.api_call zone/Z 200", "5 activity.api_call zone/Z ", "6 activity.api_call account/A ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"aaaa cloudflare:audit_log"}, completions(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("%s\ngaps %v", diff, gaps(sum))
	}
	text, err := json.Marshal(rec.Events)
	if err != nil || strings.Contains(string(text), planted) {
		t.Errorf("a secret is in an event: %v", err)
	}
	for _, e := range events {
		if e.Actor != "ann@acme.example" || e.AccountID != acme {
			t.Errorf("%+v", e)
		}
	}
	again, _ := collect(t, api, "audit", one, "2026-03-10")
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
	api.Set("/accounts/"+acme+"/logs/audit", append(logs, `{"id":"8","action":{"time":"2026-03-09T07:00:00Z"}}`, `{"action":{"time":"2026-03-09T07:00:00Z"}}`)...)
	if rec, sum = collect(t, api, "audit", one, "2026-03-10"); len(completions(rec)) != 0 || cmp.Diff([]string{"cloudflare:audit_log invalid"}, gaps(sum)) != "" {
		t.Errorf("gaps %v, completed %v", gaps(sum), completions(rec))
	}
}
