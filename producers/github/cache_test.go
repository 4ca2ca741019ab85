package github_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"polo/internal/httpsource"
	"polo/internal/secret"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/github"
	"polo/producers/github/githubtest"
	"polo/producers/source"
)

// repositories are some, of which one is called as told.
func repositories(n, changed int, description string) []githubtest.Object {
	all := make([]githubtest.Object, n)
	for i := range all {
		name := fmt.Sprintf("repo-%03d", i)
		all[i] = githubtest.Object{"id": 1000 + i, "name": name, "full_name": "acme/" + name, "visibility": "private"}
		if i == changed {
			all[i]["description"] = description
		}
	}
	return all
}

// What is kept from one run to the next changes nothing of what a run emits, whatever has
// changed in between.
func TestCacheChangesNoEvent(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 250)
	cfg := config(t, `{"organisations":["acme"]}`)
	cache := httpsource.NewCache(httpsource.CacheLimits{Entries: 100, Bytes: 10 << 20, Body: 1 << 20})
	lines := func(rec *emittertest.Recorder) []string {
		var all []string
		for _, e := range rec.Events {
			if e.EventType != producers.TypeRunFinished { // which counts requests
				all = append(all, string(e.AppendJSON(nil)))
			}
		}
		return all
	}
	setOrganisation := func(repos int) {
		api.SetList("/orgs/acme", githubtest.Object{"login": "acme", "id": 77, "public_repos": 0, "total_private_repos": repos})
	}
	before := 0
	for i, step := range []struct {
		name   string
		change func()
		// kept are the answers that have not changed, more the requests that a run without a
		// cache needs not.
		kept, more int64
	}{
		{name: "first", change: func() {}},
		{name: "nothing", change: func() {}, kept: 12},
		{name: "a repository", change: func() { api.SetList("/orgs/acme/repos", repositories(250, 120, "new")...) }, kept: 9},
		{name: "another", change: func() { api.SetList("/orgs/acme/repos", repositories(250, 120, "newer")...) }, kept: 11},
		{name: "a team is gone", change: func() { api.SetList("/orgs/acme/teams") }, kept: 11},
		// The first page is as it was, and is not told that no other follows.
		{name: "the first page alone", change: func() { api.SetList("/orgs/acme/repos", repositories(100, -1, "")...); setOrganisation(100) }, kept: 9, more: 1},
		{name: "a full page that is another", change: func() { api.SetList("/orgs/acme/repos", repositories(100, 7, "new")...) }, kept: 9},
		{name: "a page more, and the first is as it was", change: func() { api.SetList("/orgs/acme/repos", repositories(101, 7, "new")...); setOrganisation(101) }, kept: 8},
		{name: "a scope less", change: func() { api.SetScopes("repo") }, kept: 10},
		{name: "refused", change: func() { api.Fail("/orgs/acme/teams", githubtest.Fault{Status: 403, Body: `{}`}) }, kept: 9},
		{name: "again", change: func() { api.Fail("/orgs/acme/teams", githubtest.Fault{}) }, kept: 10},
	} {
		step.change()
		at := fmt.Sprintf("2026-03-10T%02d:00:00Z", i)
		want, wantSum := run(t, github.NewInventory(cfg, clients(cfg, api)), at)
		before = api.NotModified()
		got, sum := run(t, github.NewInventory(cfg, clients(cfg, api).WithCache(cache)), at)
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			t.Errorf("%s (-without +with a cache):\n%s", step.name, diff)
		}
		if diff := cmp.Diff(gaps(wantSum), gaps(sum)); diff != "" {
			t.Errorf("%s, gaps (-without +with a cache):\n%s", step.name, diff)
		}
		if n := int64(api.NotModified() - before); n != sum.Counts.NotModified || n != step.kept || sum.Counts.Requests != wantSum.Counts.Requests+step.more || wantSum.Counts.NotModified != 0 {
			t.Errorf("%s: %d not modified, not %d; %+v, without a cache %+v", step.name, n, step.kept, sum.Counts, wantSum.Counts)
		}
	}
}

// The inventory alone keeps answers, from one collector to the next.
func TestCacheIsTheInventorys(t *testing.T) {
	t.Parallel()
	for _, src := range github.Registrations() {
		api := githubtest.New(token)
		api.Organisation("acme", 77, 3)
		server := httptest.NewServer(api)
		defer server.Close()
		cache := httpsource.NewCache(httpsource.CacheLimits{Entries: 100, Bytes: 10 << 20, Body: 1 << 20})
		for range 2 {
			c, err := src.New(source.Deps{
				Getenv: func(string) string { return `{"organisations":["acme"]}` }, Endpoint: server.URL, Cache: cache,
				Secret: func(string) (secret.Fields, error) { return secret.NewFields(aws.Config{}, `{"token":"`+token+`"}`) },
			})
			if err != nil {
				t.Fatal(err)
			}
			run(t, c, "2026-03-10T08:00:00Z")
		}
		if n := api.NotModified(); (n > 0) != (src.Name == github.SourceInventory) {
			t.Errorf("%s: %d answers not modified", src.Name, n)
		}
	}
}
