package github_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/exchange"
	"polo/producers/github"
	"polo/producers/github/githubtest"
)

// Without the permission for members a credential without scopes is answered with the public ones alone, as if they were all. The list of
// teams takes the same permission, and is refused.
func TestMembersThatAreConcealed(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 1)
	api.SetScopes("")
	api.Fail("/orgs/acme/teams", githubtest.Fault{Status: 403, Header: map[string]string{"X-Accepted-GitHub-Permissions": "members=read"}, Body: `{"message":"Resource not accessible"}`})
	cfg := config(t, `{"organisations":["acme"]}`)
	rec, sum := run(t, github.NewInventory(cfg, clients(cfg, api)), when)
	if diff := cmp.Diff([]string{"acme github:member: partial", "acme github:team: denied"}, gaps(sum)); diff != "" || slices.Contains(completed(rec), "acme github:member") {
		t.Errorf("gaps (-want +got):\n%s\ncompleted %v", diff, completed(rec))
	}
}

// A member who is no owner sees the repositories that he was given: fewer than the organisation says it has are not all.
func TestRepositoriesOfAMember(t *testing.T) {
	t.Parallel()
	api := githubtest.New(token)
	api.Organisation("acme", 77, 3)
	api.SetList("/orgs/acme", githubtest.Object{"login": "acme", "id": 77, "public_repos": 1, "total_private_repos": 3})
	cfg := config(t, `{"organisations":["acme"]}`)
	rec, sum := run(t, github.NewInventory(cfg, clients(cfg, api)), when)
	if diff := cmp.Diff([]string{"acme github:repo: partial"}, gaps(sum)); diff != "" || slices.Contains(completed(rec), "acme github:repo") {
		t.Errorf("gaps (-want +got):\n%s\ncompleted %v", diff, completed(rec))
	}
}

// Where the time is not enough for all members, what was read before is complete.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := githubtest.New(token)
		api.Organisation("acme", 77, 3)
		cfg := config(t, `{"organisations":["acme"]}`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		rec := &emittertest.Recorder{}
		hangs := hanging{inProcess{api}, "/members"}
		sum, err := producers.Run(ctx, producers.RunConfig{
			Collector: github.NewInventory(cfg, github.NewClients(cfg, secretOf(map[string]string{"token": token}), "", hangs)), Emitter: rec, Scheduled: time.Now(),
		})
		want := slices.DeleteFunc(allKinds("acme"), func(s string) bool { return s == "acme github:member" })
		if diff := cmp.Diff(want, completed(rec)); diff != "" || err != nil {
			t.Errorf("completions (-want +got):\n%s\n%v", diff, err)
		}
		if diff := cmp.Diff([]string{"acme github:member: deadline"}, gaps(sum)); diff != "" {
			t.Errorf("gaps (-want +got):\n%s", diff)
		}
	})
}

// hanging does not answer requests of a path.
type hanging struct {
	inProcess

	path string
}

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, h.path) {
		<-r.Context().Done()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return h.inProcess.RoundTrip(r)
}

// Recordings of two servers have the same paths, and are not the same requests. What a credential without scopes sees of members is not
// known to be all.
func TestRecordedServers(t *testing.T) {
	t.Parallel()
	list := func(host string, header ...string) exchange.Exchange {
		return answered("GET https://"+host+"/orgs/Acme/members", `[{"login":"Ada","id":1}]`, header...)
	}
	rec, left, _ := reads(t, when, list("api.github.com", "X-OAuth-Scopes", "read:org"), list("api.mega.ghe.com", "X-GitHub-Request-Id", "1"))
	if diff := cmp.Diff([]string{"acme github:member"}, completed(rec)); diff != "" || len(rec.Events) != 3 || len(left) != 0 {
		t.Errorf("completed (-want +got):\n%s\n%d events, left %v", diff, len(rec.Events), left)
	}
}
