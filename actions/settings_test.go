package actions_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"polo/actions"
	"polo/actions/actionstest"
)

// What settings say wrongly is refused and named.
func TestParseSettings(t *testing.T) {
	t.Parallel()
	const tag = `"action":"tag_resource","accounts":["111122223333"],"environments":["staging"]`
	const stop = `"action":"stop_instance","accounts":["111122223333"],"environments":["staging"]`
	for _, tc := range []struct{ text, want string }{
		{`{"allow":[{` + tag + `,"keys":["customer"]}]}`, ""},
		{`{"allow":[{` + tag + `}]}`, "allow[0]: keys"},
		{`{"allow":[{` + tag + `,"keys":["customer",""]}]}`, "allow[0]: keys"},
		{`{"allow":[{` + tag + `,"keys":["polo:protected"]}]}`, "allow[0]: keys"},
		{`{"allow":[{` + stop + `,"keys":["customer"]}]}`, "allow[0]: keys"},
		{`{"production":["prod",""]}`, "production[1]"},
		{`{"production":[" "]}`, "production[0]"},
		{`{"limits":{"person_plans":31}}`, "limits.person_plans"},
		{`{"limits":{"person_plans":5}}`, ""},
		{`{} {"enabled":true}`, "follows"},
		{`{}}`, "follows"},
	} {
		_, err := actions.ParseSettings([]byte(tc.text))
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.text, err, tc.want)
		}
	}
}

// An account is for production however that is spelled, or if it is named.
func TestProduction(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		production  []string
		environment string
		want        bool
	}{
		{nil, "production", true},
		{nil, "Production", true},
		{nil, "PROD ", true},
		{nil, "staging", false},
		{[]string{"Live"}, "live", true},
		{[]string{"live", actionstest.Account}, "staging", true},
		{[]string{"live", "444455556666"}, "staging", false},
	} {
		t.Run(fmt.Sprint(tc.production, tc.environment), func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			ask := actionstest.Case("stop_instance")
			w.Config.Settings.Production = tc.production
			allowOnly(t, w, actions.Allow{Action: ask.Action, Accounts: []string{actionstest.Account}, Environments: []string{tc.environment}})
			w.Know(ask.ARN, ask.Rule, tc.environment)
			p, _ := w.Planned(t, ask)
			if got := len(p.Plan.SecondPerson) > 0; got != tc.want {
				t.Errorf("reasons %q", p.Plan.SecondPerson)
			}
			_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
			if tc.want {
				refused(t, err, actions.CodeNeedsSecond)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Nobody fills the journal with plans.
func TestPlansOfAPerson(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("stop_instance")
	for range 30 {
		w.Planned(t, ask)
	}
	_, err := w.Engine.Plan(t.Context(), w.By(actions.Person{Email: "Ada+2@example.com", Subject: "another"}), ask)
	refused(t, err, "limit_plans")
	if _, err := w.Engine.Plan(t.Context(), w.By(actionstest.Grace), ask); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	w.Advance(time.Hour + time.Minute)
	w.Planned(t, ask)
}

// gp3 is cheaper than gp2 for sure only where nothing is added to it.
func TestSavingOfLargeVolumes(t *testing.T) {
	t.Parallel()
	for size, saves := range map[int32]bool{100: true, 170: true, 171: false, 2000: false} {
		w := actionstest.NewWorld(t)
		w.AWS.Change(func(a *actionstest.AWS) { a.Volumes["vol-1"].Size = &size })
		ask := actionstest.Case("volume_to_gp3")
		w.Evidence.SetCost(ask.ARN, actions.Money{Amount: decimal.NewFromInt(10), Currency: "USD"})
		if p, _ := w.Planned(t, ask); (p.Plan.Saving != nil) != saves {
			t.Errorf("%d GiB: %+v", size, p.Plan.Saving)
		}
	}
}

// Only the tags that an entry names are set there; another entry does not lend its own.
func TestTagKeys(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("tag_resource")
	allow := func(keys ...string) actions.Allow {
		return actions.Allow{Action: ask.Action, Accounts: []string{actionstest.Account}, Environments: []string{"staging"}, Keys: keys}
	}
	elsewhere := allow("team")
	elsewhere.Accounts = []string{"444455556666"}
	allowOnly(t, w, elsewhere, allow("project"), allow("customer"))
	p, approvals := w.Planned(t, ask)
	for _, key := range []string{"team", "Customer", "owner"} {
		ask.Params = map[string]string{"key": key, "value": "x"}
		_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
		refused(t, err, actions.CodeNotAllowed)
	}
	allowOnly(t, w, allow("project"))
	_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	refused(t, err, actions.CodeNotAllowed)
	nothingDone(t, w)
}
