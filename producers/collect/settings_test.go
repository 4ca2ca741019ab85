package collect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/internal/account"
	"polo/producers"
	"polo/producers/collect"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestSettings(t *testing.T) {
	t.Parallel()
	defaults := collect.Settings{Identity: producers.DefaultIdentity(), Period: -1, Lookback: -1, AccountRoles: map[string]string{}}
	with := func(change func(*collect.Settings)) collect.Settings {
		s := defaults
		change(&s)
		return s
	}
	for _, tc := range []struct {
		name string
		env  func(string) string
		want collect.Settings
	}{
		{"nothing", env(), defaults},
		{"the role is made of the deployment's name", env("POLO_ENV", "prod"), with(func(s *collect.Settings) { s.Env, s.ReadRole = "prod", "prod-PoloReadRole" })},
		{"or named", env("POLO_ENV", "prod", "POLO_READ_ROLE", "audit/Reader"), with(func(s *collect.Settings) { s.Env, s.ReadRole = "prod", "audit/Reader" })},
		{
			"everything",
			env("POLO_ACCOUNTS", "000011112222:main:payer", "POLO_REGIONS", "us-east-1, eu-west-1", "POLO_EXTERNAL_ID", "x", "POLO_QUEUE", "q", "POLO_DLQ", "d",
				"POLO_IDENTITY", `{"customer":["team"]}`, "POLO_ACCOUNT_ROLES", "000011112222=root", "POLO_BUDGET_USD", "0.05", "POLO_PERIOD", "1h", "POLO_LOOKBACK", "0s",
				"POLO_OWN_ACCOUNT", "000011112222", "POLO_ORGANIZATION", "false"),
			with(func(s *collect.Settings) {
				s.Accounts, s.Regions, s.ExternalID = []account.Account{{ID: "000011112222", Name: "main", Role: "payer"}}, []string{"us-east-1", "eu-west-1"}, "x"
				s.Queue, s.DeadLetter, s.AccountRoles, s.OwnAccount = "q", "d", map[string]string{"000011112222": "root"}, "000011112222"
				s.Identity.Customer, s.BudgetMicros, s.Period, s.Lookback = []string{"team"}, 50_000, time.Hour, 0
			}),
		},
		{"an organisation", env("POLO_ORGANIZATION", "true", "POLO_ORGANIZATION_ACCOUNT", "000011112222"), with(func(s *collect.Settings) {
			s.Organization, s.OrganizationAccount = true, "000011112222"
		})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := collect.ReadSettings(tc.env)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWrongSettingsAreNamedAllAtOnce(t *testing.T) {
	t.Parallel()
	wrong := []string{
		"POLO_ACCOUNTS", "1234", "POLO_ACCOUNT_ROLES", "x", "POLO_ORGANIZATION", "yes", "POLO_IDENTITY", `{"customers":[]}`,
		"POLO_BUDGET_USD", "much", "POLO_PERIOD", "-1h", "POLO_LOOKBACK", "soon",
	}
	_, err := collect.ReadSettings(env(wrong...))
	if err == nil {
		t.Fatal("no error")
	}
	for i := 0; i < len(wrong); i += 2 {
		if !strings.Contains(err.Error(), wrong[i]+": ") {
			t.Errorf("error %v does not name %s", err, wrong[i])
		}
	}
	for _, budget := range []string{"0", "-1", "0.0000001", "1e99"} {
		if s, err := collect.ReadSettings(env("POLO_BUDGET_USD", budget)); err == nil {
			t.Errorf("a budget of %s was parsed as %d", budget, s.BudgetMicros)
		}
	}
	if _, err := collect.ReadSettings(env("POLO_ORGANIZATION", "true", "POLO_ACCOUNTS", "000011112222")); err == nil {
		t.Error("an organisation and a list were both accepted")
	}
}

// Only an address on this machine replaces a source's, whose credentials go there.
func TestEndpointIsOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"http://127.0.0.1:8080", "http://127.1.2.3:1/v4", "http://localhost:9", "http://[::1]:9"} {
		if s, err := collect.ReadSettings(env("POLO_ENDPOINT", text)); err != nil || s.Endpoint != text {
			t.Errorf("%s: %q, %v", text, s.Endpoint, err)
		}
	}
	for _, text := range []string{
		"http://192.0.2.1", "https://api.example.com", "https://127.0.0.1", "http://127.0.0.1.example.com", "http://127.example.com", "http://localhost.example.com",
		"http://0.0.0.0:1", "http://localhost@192.0.2.1", "127.0.0.1:1", "http://u:hidden@192.0.2.1", "http://127.0.0.1:hidden", "ftp://localhost", "http://169.254.169.254/latest",
	} {
		if _, err := collect.ReadSettings(env("POLO_ENDPOINT", text)); err == nil || !strings.Contains(err.Error(), "POLO_ENDPOINT: ") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
