package github_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
	"polo/producers/github"
	"polo/producers/github/githubtest"
)

const when = "2026-03-10T08:00:00Z"

func allKinds(account string) []string {
	var all []string
	for _, kind := range []string{"installation", "member", "org", "outside_collaborator", "repo", "runner", "secret", "team"} {
		all = append(all, account+" github:"+kind)
	}
	return all
}

func TestInventory(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 3)
	cfg := config(t, `{"organisations":["acme"]}`)
	rec, sum := run(t, github.NewInventory(cfg, clients(cfg, api)), when)
	var got []string
	byKey := map[string]envelope.ResourceEvent{}
	for _, e := range rec.Of(envelope.TypeSnapshot) {
		got = append(got, fmt.Sprintf("%s %s %q %s", e.ARN, e.ResourceType, e.ResourceName, e.State))
		byKey[e.ARN] = e
	}
	slices.Sort(got)
	want := []string{
		`github:acme github:org "acme" `,
		`github:acme/@installation/9 github:installation "ci" active`,
		`github:acme/@member/ada github:member "Ada" `,
		`github:acme/@member/bob github:member "bob" `,
		`github:acme/@outside_collaborator/eve github:outside_collaborator "eve" `,
		`github:acme/@runner/7 github:runner "r7" online`,
		`github:acme/@secret/actions/NPM_KEY github:secret "NPM_KEY" `,
		`github:acme/@team/all github:team "All" `,
		`github:acme/@team/core github:team "Core" `,
		`github:acme/repo-000 github:repo "Repo-000" active`,
		`github:acme/repo-001 github:repo "Repo-001" archived`,
		`github:acme/repo-002 github:repo "Repo-002" active`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(allKinds("acme"), completed(rec)); diff != "" || len(sum.Gaps) > 0 {
		t.Errorf("completions (-want +got):\n%s\ngaps %v", diff, sum.Gaps)
	}
	repo := byKey["github:acme/repo-000"]
	if repo.Properties.Get("id") != "1000" || repo.Properties.Get("node_id") != "R_0" || repo.Properties.Get("topics") != `["a","b"]` || repo.MarqoCustomer != "c1" ||
		!slices.Equal(repo.Ancestors, []string{"github:acme"}) || repo.Relations[0] != (envelope.Relation{Type: "member_of", TargetARN: "github:acme"}) {
		t.Errorf("%+v", repo)
	}
	if core := byKey["github:acme/@team/core"]; !slices.Equal(core.Ancestors, []string{"github:acme/@team/all", "github:acme"}) {
		t.Errorf("%+v", core)
	}
	if ada := byKey["github:acme/@member/ada"]; ada.Properties.Get("role") != "admin" {
		t.Errorf("%+v", ada)
	}
	if runner := byKey["github:acme/@runner/7"]; runner.Properties.Get("labels") != "gpu,x64" {
		t.Errorf("%+v", runner)
	}
	if d := rec.Of(envelope.TypeAccountDescribed); len(d) != 1 || d[0].AccountID != "acme" || d[0].Properties.Get("plan_name") != "team" {
		t.Errorf("account %+v", d)
	}
	api.SetScopes("")
	again, fine := run(t, github.NewInventory(cfg, clients(cfg, api)), when)
	if len(fine.Gaps) > 0 {
		t.Errorf("with a fine-grained token that sees all: %v", fine.Gaps)
	}
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
}

// An organisation of 500 repositories takes 14 requests: one for each list, and four for the other pages of the repositories.
func TestRequestsOfARun(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 500)
	cfg := config(t, `{"organisations":["acme"]}`)
	rec, sum := run(t, github.NewInventory(cfg, clients(cfg, api)), when)
	if n := len(api.Asked()); n != 14 || sum.Counts.Requests != 14 || len(rec.Of(envelope.TypeSnapshot)) != 509 || len(sum.Gaps) > 0 {
		t.Errorf("%d requests, %d snapshots, gaps %v:\n%s", n, len(rec.Of(envelope.TypeSnapshot)), sum.Gaps, strings.Join(api.Asked(), "\n"))
	}
}

// What a credential does not see is left out without a word: its absence completes nothing.
func TestPartialLists(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*githubtest.API)
		want   string
	}{
		"page two refused": {func(a *githubtest.API) {
			a.Fail("/organizations/77/repos?page=2", githubtest.Fault{Status: 403, Body: `{"message":"no"}`})
		}, "acme github:repo: denied"},
		"page two broken": {func(a *githubtest.API) {
			a.Fail("/organizations/77/repos?page=2", githubtest.Fault{Status: 200, Body: `[{"name":`})
		}, "acme github:repo: invalid"},
		"no list": {func(a *githubtest.API) { a.Fail("/orgs/acme/teams", githubtest.Fault{Status: 200, Body: `{}`}) }, "acme github:team: invalid"},
		"no key": {func(a *githubtest.API) {
			a.SetList("/orgs/acme/teams", githubtest.Object{"id": 1})
		}, "acme github:team: invalid"},
		"fewer than promised": {func(a *githubtest.API) {
			a.Fail("/orgs/acme/actions/runners", githubtest.Fault{Status: 200, Body: `{"total_count":2,"runners":[{"id":1}]}`})
		}, "acme github:runner: partial"},
		"public only": {func(a *githubtest.API) { a.SetScopes("admin:org, public_repo") }, "acme github:repo: partial"},
		"a fine-grained token of some": {func(a *githubtest.API) {
			a.SetScopes("")
			a.SetList("/orgs/acme", githubtest.Object{"login": "acme", "id": 77, "public_repos": 2, "total_private_repos": 100})
		}, "acme github:repo: partial"},
		"a fine-grained token of nobody knows": {func(a *githubtest.API) {
			a.SetScopes("")
			a.SetList("/orgs/acme", githubtest.Object{"login": "acme", "id": 77, "public_repos": 0})
		}, "acme github:repo: partial"},
		"one of two": {func(a *githubtest.API) { a.Fail("/orgs/acme/dependabot/secrets", githubtest.Fault{Status: 404}) }, "acme github:secret: denied"},
		"no administrator": {func(a *githubtest.API) {
			a.Fail("/orgs/acme/members?per_page=100&role=admin", githubtest.Fault{Status: 403})
		}, "acme github:member: denied"},
		"not signed on": {func(a *githubtest.API) {
			a.Fail("/orgs/acme/teams", githubtest.Fault{Status: 200, Body: `[]`, Header: map[string]string{"X-GitHub-SSO": "partial-results; organizations=77"}})
		}, "acme github:team: partial"},
		"another host": {func(a *githubtest.API) {
			a.Fail("/orgs/acme/teams", githubtest.Fault{Status: 200, Body: `[]`, Header: map[string]string{"Link": `<https://evil.example/orgs/acme/teams?page=2>; rel="next"`}})
		}, "acme github:team: invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := githubtest.New(token)
			api.Organisation("acme", 77, 101)
			c.change(api)
			cfg := config(t, `{"organisations":["acme"]}`)
			rec, sum := run(t, github.NewInventory(cfg, clients(cfg, api)), when)
			if diff := cmp.Diff([]string{c.want}, gaps(sum)); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			kind := strings.TrimSuffix(c.want, c.want[strings.LastIndex(c.want, ":"):])
			if slices.Contains(completed(rec), kind) || len(completed(rec)) != 7 {
				t.Errorf("completed %v", completed(rec))
			}
		})
	}
}

func appKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// An App has a token for each organisation, made once in a run. One that is installed on selected repositories sees no others.
func TestApp(t *testing.T) {
	t.Parallel()
	key, text := appKey(t)
	api := githubtest.New("")
	api.SetApp("12", &key.PublicKey)
	api.Organisation("acme", 77, 101)
	api.Organisation("beta", 78, 1)
	api.Organisation("gone", 79, 1)
	api.Organisation("idle", 80, 1)
	api.Install("acme", githubtest.Installation{ID: 5, Selection: "selected"})
	api.Install("beta", githubtest.Installation{ID: 6, Selection: "all"})
	api.Install("idle", githubtest.Installation{ID: 7, Selection: "all", Suspended: true})
	cfg := config(t, `{"organisations":["acme","beta","gone","idle"]}`)
	app := github.NewClients(cfg, secretOf(map[string]string{"app_id": "12", "private_key": text}), "", inProcess{api})
	rec, sum := run(t, github.NewInventory(cfg, app), when)
	want := slices.DeleteFunc(append(allKinds("acme"), allKinds("beta")...), func(s string) bool { return s == "acme github:repo" })
	if diff := cmp.Diff(want, completed(rec)); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"acme github:repo: partial", "gone : denied", "idle : disabled"}, gaps(sum)); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	minted, repos := 0, 0
	for _, asked := range api.Asked() {
		if strings.HasSuffix(asked, "/access_tokens") {
			minted++
		}
	}
	for _, e := range rec.Of(envelope.TypeSnapshot) {
		if e.ResourceType == "github:repo" {
			repos++
		}
	}
	if minted != 2 || repos != 102 {
		t.Errorf("%d tokens, %d repositories", minted, repos)
	}
}

// A token is replaced shortly before it ends.
func TestTokenOfAnInstallationEnds(t *testing.T) {
	t.Parallel()
	key, text := appKey(t)
	synctest.Test(t, func(t *testing.T) {
		api := githubtest.New("")
		api.SetApp("12", &key.PublicKey)
		api.Organisation("acme", 77, 101)
		api.Install("acme", githubtest.Installation{ID: 5, Selection: "all"})
		api.Fail("/organizations/77/repos", githubtest.Fault{Status: 429, Times: 4, Header: map[string]string{"Retry-After": "840"}})
		cfg := config(t, `{"organisations":["acme"]}`)
		_, sum := run(t, github.NewInventory(cfg, github.NewClients(cfg, secretOf(map[string]string{"app_id": "12", "private_key": text}), "", inProcess{api})), when)
		minted := 0
		for _, asked := range api.Asked() {
			if strings.HasSuffix(asked, "/access_tokens") {
				minted++
			}
		}
		if minted != 2 || len(sum.Gaps) > 0 {
			t.Errorf("%d tokens in an hour, gaps %v", minted, sum.Gaps)
		}
	})
}

// Neither a token nor a key is in an error.
func TestCredentialsThatDoNotWork(t *testing.T) {
	t.Parallel()
	key, text := appKey(t)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fields map[string]string
		fault  githubtest.Fault
		want   string
	}{
		"nothing":         {fields: map[string]string{}, want: "failed"},
		"a wrong token":   {fields: map[string]string{"token": "wrong-but-as-secret"}, want: "denied"},
		"no PEM":          {fields: map[string]string{"app_id": "12", "private_key": "wrong-but-as-secret"}, want: "failed"},
		"another App":     {fields: map[string]string{"app_id": "13", "private_key": text}, want: "denied"},
		"PKCS 8":          {fields: map[string]string{"app_id": "12", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))}},
		"an id":           {fields: map[string]string{"app_id": "12", "private_key": text, "installation_id": "5"}},
		"another's id":    {fields: map[string]string{"app_id": "12", "private_key": text, "installation_id": "6"}, want: "denied"},
		"an odd answer":   {fields: map[string]string{"app_id": "12", "private_key": text}, fault: githubtest.Fault{Status: 201, Body: `{"token":"wrong-but-as-secret","expires_at":7}`}, want: "invalid"},
		"a refused token": {fields: map[string]string{"app_id": "12", "private_key": text}, fault: githubtest.Fault{Status: 403, Body: `{"message":"no"}`}, want: "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := githubtest.New(token)
			if c.fields["token"] == "" {
				api.SetApp("12", &key.PublicKey)
			}
			api.Organisation("acme", 77, 1)
			api.Install("acme", githubtest.Installation{ID: 5, Selection: "all"})
			api.Install("beta", githubtest.Installation{ID: 6, Selection: "all"})
			if c.fault.Status != 0 {
				api.Fail("/app/installations/5/access_tokens", c.fault)
			}
			cfg := config(t, `{"organisations":["acme"]}`)
			_, sum := run(t, github.NewBilling(cfg, github.NewClients(cfg, secretOf(c.fields), "", inProcess{api})), when)
			reason := ""
			for _, g := range sum.Gaps {
				reason = string(g.Reason)
				if strings.Contains(g.Error, "wrong-but") || strings.Contains(g.Error, "BEGIN") || strings.Contains(g.Error, "ghs_") {
					t.Errorf("a credential in %s", g.Error)
				}
			}
			if reason != c.want {
				t.Errorf("gaps %v, not %q", sum.Gaps, c.want)
			}
		})
	}
}

// What an answer holds of secrets is in no event.
func TestPlantedSecrets(t *testing.T) {
	t.Parallel()
	planted := "ghp_" + strings.Repeat("a1B2", 9)
	api := githubtest.New(token)
	api.Organisation("acme", 77, 1)
	api.SetList("/orgs/acme/actions/secrets", githubtest.Object{"name": "KEY", "value": planted, "encrypted_value": planted, "visibility": planted})
	api.SetList("/orgs/acme/actions/runners", githubtest.Object{"id": 1, "name": "r", "os": "linux", "token": planted, "labels": []githubtest.Object{{"name": "x"}}})
	api.SetList("/orgs/acme/repos", githubtest.Object{"name": "web", "full_name": "acme/web", "description": "deploy with " + planted, "homepage": "https://user:" + planted + "@example.com", "temp_clone_token": planted})
	api.SetList("/orgs/acme/installations", githubtest.Object{"id": 1, "app_slug": "a", "client_secret": planted, "permissions": githubtest.Object{"secrets": "read"}})
	api.SetList("/orgs/acme/audit-log", auditRecord("1", 1773129599000, "repo.create", map[string]any{"repo": "acme/web", "hashed_token": planted, "token_id": "9", "token": planted, "config": githubtest.Object{"secret": planted}, "comment": planted}))
	cfg := config(t, `{"organisations":["acme"]}`)
	for _, c := range []producers.Collector{github.NewInventory(cfg, clients(cfg, api)), github.NewAudit(cfg, clients(cfg, api))} {
		rec, sum := run(t, c, when)
		if len(sum.Gaps) > 0 || len(rec.Events) < 3 {
			t.Errorf("gaps %v", sum.Gaps)
		}
		for _, e := range rec.Events {
			if text := string(e.AppendJSON(nil)); strings.Contains(text, planted) {
				t.Errorf("a secret: %s", text)
			}
		}
	}
}

var _ http.RoundTripper = inProcess{}
