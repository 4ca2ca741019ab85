package github_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/producers/emittertest"
	"polo/producers/github"
	"polo/producers/github/githubtest"
)

func auditRecord(id string, ms int64, action string, more map[string]any) githubtest.Object {
	o := githubtest.Object{"@timestamp": ms, "action": action, "actor": "Ada", "org": "acme", "org_id": 77}
	if id != "" {
		o["_document_id"] = id
	}
	maps.Copy(o, more)
	return o
}

func activity(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Events {
		if e.Properties.Has("event_name") {
			all = append(all, fmt.Sprintf("%s %s %s %s %s", e.EventType, e.Properties.Get("event_name"), e.ARN, e.Actor, e.TS.Format(time.TimeOnly)))
		}
	}
	return all
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	to := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC).UnixMilli()
	from := to - 24*time.Hour.Milliseconds()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 0)
	log := []githubtest.Object{
		auditRecord("before", from-1, "repo.create", map[string]any{"repo": "acme/old"}),
		auditRecord("1", from, "repo.create", map[string]any{"repo": "acme/Web", "visibility": "private", "hashed_token": "x=", "token_id": 99, "actor_location": githubtest.Object{"country_code": "GB"}}),
		auditRecord("2", from+1, "repo.destroy", map[string]any{"repo": "acme/web"}),
		auditRecord("3", from+2, "repo.rename", map[string]any{"repo": "acme/new", "old_name": "Web"}),
		auditRecord("4", from+3, "team.create", map[string]any{"team": "acme/core"}),
		auditRecord("5", from+4, "org.add_member", map[string]any{"user": "Bob"}),
		auditRecord("6", from+5, "org.register_self_hosted_runner", map[string]any{"runner_id": 8}),
		auditRecord("7", from+6, "git.clone", map[string]any{"repository": "acme/web", "operation_type": "access", "actor": "ci"}),
		auditRecord("", from+7, "org.oauth_app_access_approved", nil),
	}
	for i := range 250 {
		log = append(log, auditRecord(fmt.Sprint("bulk", i), from+1000+int64(i), "git.fetch", map[string]any{"repository": "acme/web"}))
	}
	log = append(log, auditRecord("after", to, "repo.create", map[string]any{"repo": "acme/later"}))
	for i := range 200 {
		log = append(log, auditRecord(fmt.Sprint("more", i), to+1+int64(i), "git.fetch", map[string]any{"repository": "acme/web"}))
	}
	api.SetList("/orgs/acme/audit-log", log...)
	cfg := config(t, `{"organisations":["acme"]}`)
	rec, sum := run(t, github.NewAudit(cfg, clients(cfg, api)), when)
	want := []string{
		"activity.api_call repo.create github:acme/web Ada 08:00:00",
		"resource.created repo.create github:acme/web Ada 08:00:00",
		"activity.api_call repo.destroy github:acme/web Ada 08:00:00",
		"resource.deleted repo.destroy github:acme/web Ada 08:00:00",
		"activity.api_call repo.rename github:acme/new Ada 08:00:00",
		"resource.updated repo.rename github:acme/new Ada 08:00:00",
		"resource.deleted repo.rename github:acme/web Ada 08:00:00",
		"activity.api_call team.create github:acme/@team/core Ada 08:00:00",
		"resource.created team.create github:acme/@team/core Ada 08:00:00",
		"activity.api_call org.add_member github:acme Ada 08:00:00",
		"resource.created org.add_member github:acme/@member/bob Ada 08:00:00",
		"activity.api_call org.register_self_hosted_runner github:acme Ada 08:00:00",
		"resource.created org.register_self_hosted_runner github:acme/@runner/8 Ada 08:00:00",
		"activity.api_call git.clone github:acme/web ci 08:00:00",
		"activity.api_call org.oauth_app_access_approved github:acme Ada 08:00:00",
	}
	got := activity(rec)
	if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" || len(got) != len(want)+250 {
		t.Errorf("%d events (-want +got):\n%s", len(got), diff)
	}
	// It stops at the page that goes beyond the window.
	if len(api.Asked()) != 3 || len(sum.Gaps) > 0 {
		t.Errorf("%d requests, gaps %v", len(api.Asked()), sum.Gaps)
	}
	if diff := cmp.Diff([]string{"acme github:audit_event"}, completed(rec)); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	first := rec.Events[0]
	if first.Properties.Get("visibility") != "private" || first.Properties.Has("hashed_token") || first.Properties.Has("token_id") || first.Properties.Get("event_id") != "1" || first.Properties.Get("actor_location") != `{"country_code":"GB"}` || first.TS.UnixMilli() != from {
		t.Errorf("%+v", first)
	}
	again, _ := run(t, github.NewAudit(cfg, clients(cfg, api)), when)
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
	seen := map[string]bool{}
	for _, id := range ids(rec) {
		if seen[id] {
			t.Errorf("%s twice", id)
		}
		seen[id] = true
	}
}

func TestAuditLogRefused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{`{"message":"no"}`: "acme : denied", `[{"action":"x"}]`: "acme : invalid", `{}`: "acme : invalid", `null`: "acme : invalid"} {
		api := githubtest.New(token)
		f := githubtest.Fault{Status: 200, Body: body}
		if want == "acme : denied" {
			f.Status = 403
		}
		api.Fail("/orgs/acme/audit-log", f)
		cfg := config(t, `{"organisations":["acme"]}`)
		rec, sum := run(t, github.NewAudit(cfg, clients(cfg, api)), when)
		if diff := cmp.Diff([]string{want}, gaps(sum)); diff != "" || len(completed(rec)) > 0 {
			t.Errorf("%s: gaps (-want +got):\n%s", body, diff)
		}
	}
}
