package github_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers"
	"polo/producers/github"
	"polo/producers/github/githubtest"
)

// One secret holds an App's key, and the token that an enterprise's bill takes and nothing
// else is read with.
func TestEnterpriseToken(t *testing.T) {
	t.Parallel()
	key, text := appKey(t)
	app := map[string]string{"app_id": "12", "private_key": text, "enterprise_token": token}
	for name, c := range map[string]struct {
		setting   string
		fields    map[string]string
		inventory bool
		// asks is set if the App is asked for its installation.
		asks bool
		gaps []string
	}{
		"the bill of an enterprise":      {setting: `{"enterprise":"mega"}`, fields: app},
		"before another token":           {setting: `{"enterprise":"mega"}`, fields: map[string]string{"token": "another", "enterprise_token": token}},
		"without one, the token":         {setting: `{"enterprise":"mega"}`, fields: map[string]string{"token": token}},
		"an inventory is the App's":      {setting: `{"enterprise":"mega","organisations":["acme"]}`, fields: app, inventory: true, asks: true, gaps: []string{"acme github:repo: partial"}},
		"the bill of an organisation is": {setting: `{"organisations":["acme"]}`, fields: app, asks: true},
		"alone, it reads no inventory":   {setting: `{"enterprise":"mega","organisations":["acme"]}`, fields: map[string]string{"enterprise_token": token}, inventory: true, gaps: []string{"acme : failed"}},
		"an organisation's token is not it": {
			setting: `{"organisations":["acme"]}`, fields: map[string]string{"token": "another", "enterprise_token": token},
			gaps: []string{"acme github:cost 2026-02: denied", "acme github:cost 2026-03: denied"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := enterprise()
			api.SetApp("12", &key.PublicKey)
			api.Organisation("acme", 77, 3)
			api.Install("acme", githubtest.Installation{ID: 5, Selection: "selected"})
			cfg := config(t, c.setting)
			clients := github.NewClients(cfg, secretOf(c.fields), "", inProcess{api})
			var collector producers.Collector = github.NewBilling(cfg, clients)
			if c.inventory {
				collector = github.NewInventory(cfg, clients)
			}
			_, sum := run(t, collector, when)
			if diff := cmp.Diff(c.gaps, gaps(sum)); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if asked := strings.Join(api.Asked(), "\n"); strings.Contains(asked, "/installation") != c.asks && !c.inventory || strings.Contains(asked, "/access_tokens") != c.asks {
				t.Errorf("asked:\n%s", asked)
			}
		})
	}
}
