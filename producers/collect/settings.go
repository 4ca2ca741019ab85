// Package collect runs a source's collector as the environment configures it: which accounts
// and regions, which role, which queues.
package collect

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/internal/account"
	"polo/internal/awsaccounts"
	"polo/internal/environment"
	"polo/internal/httpsource"
	"polo/producers"
)

// Settings are what the environment says.
type Settings struct {
	Source              string             `env:"POLO_SOURCE" unit:"aws.ec2, ..." doc:"which source is collected, where a function collects several"`
	Env                 string             `env:"POLO_ENV" doc:"the deployment's name, of which the role's is made"`
	Accounts            []account.Account  `env:"POLO_ACCOUNTS" unit:"ID[:NAME[:ROLE]],..." doc:"the accounts to read, where POLO_ORGANIZATION is not true"`
	Organization        bool               `env:"POLO_ORGANIZATION" envDefault:"false" doc:"read the accounts of the AWS Organization"`
	OrganizationAccount string             `env:"POLO_ORGANIZATION_ACCOUNT" unit:"account id" doc:"the account whose role is asked for the organization's accounts: the management account or a delegated administrator; without one, the caller's own credentials ask"`
	OwnAccount          string             `env:"POLO_OWN_ACCOUNT" unit:"account id" doc:"the account that is read with the caller's own credentials; without one, the role is assumed in every account"`
	AccountRoles        map[string]string  `env:"POLO_ACCOUNT_ROLES" unit:"ID=ROLE,..." doc:"what accounts are for; before what a list or a tag says"`
	Regions             []string           `env:"POLO_REGIONS" unit:"REGION,..." doc:"the regions to read; AWS_REGION where it is not set"`
	ReadRole            string             `env:"POLO_READ_ROLE" unit:"name of a role" doc:"the role that reads the accounts, with its path; {POLO_ENV}-PoloReadRole where it is not set"`
	ExternalID          string             `env:"POLO_EXTERNAL_ID" doc:"what the role's trust asks for"`
	Queue               string             `env:"POLO_QUEUE" unit:"URL, ARN or name" doc:"the queue for events; required of a function. An http:// URL also names the server"`
	DeadLetter          string             `env:"POLO_DLQ" unit:"URL, ARN or name" doc:"the queue for failures, beside POLO_QUEUE; required of a function"`
	Identity            producers.Identity `env:"POLO_IDENTITY" unit:"JSON" doc:"the tags that name customer, cluster and index: {\"customer\":[\"TAG\",...],\"cluster\":[...],\"index\":[...]}; a list that is left out is the default"`
	BudgetMicros        Micros             `env:"POLO_BUDGET_USD" unit:"US dollars" doc:"what the paid requests of one run may cost; without bound where it is not set"`
	// Period and Lookback are negative where they are not set.
	Period   time.Duration `env:"POLO_PERIOD" doc:"the schedule's period; the source's own where it is not set"`
	Lookback time.Duration `env:"POLO_LOOKBACK" doc:"how far a run reads back beyond its period; the source's own where it is not set"`
	// Endpoint replaces the sources' addresses, and gets their credentials. Outside the
	// environment it may be any.
	Endpoint string `env:"POLO_ENDPOINT" unit:"http:// URL of this machine" doc:"where a stand-in answers in place of the source, on localhost, 127.0.0.0/8 or ::1 only: it is sent the credentials. AWS's endpoints alone: AWS_ENDPOINT_URL"`

	// The settings that are one source's own.
	Reports      string `env:"POLO_REPORTS" unit:"JSON" doc:"of aws.cur: the reports, [{\"account\":\"ID\",\"bucket\":\"s3://NAME?region=REGION\",\"prefix\":\"PREFIX\",\"name\":\"NAME\"},...]"`
	CloudWatch   string `env:"POLO_CLOUDWATCH" unit:"JSON" doc:"of aws.cloudwatch: {\"metrics\":[...]}, as the variable metrics of the Terraform module"`
	CostExplorer string `env:"POLO_COST_EXPLORER" unit:"JSON" doc:"of aws.cost_explorer: as the variable cost_explorer of the Terraform module"`
	GitHub       string `env:"POLO_GITHUB" unit:"JSON" doc:"of GitHub's sources: {\"organisations\":[\"LOGIN\",...],\"enterprise\":\"SLUG\",\"api\":\"https://HOST/api/v3\"}; one of the first two is required. docs/PLATFORMS.md"`
	Cloudflare   string `env:"POLO_CLOUDFLARE" unit:"JSON" doc:"of Cloudflare's sources: {\"accounts\":[\"ID\",...],\"prices\":[{\"rate_plan\":\"PLAN\",\"amount\":\"200.00\",\"currency\":\"USD\",\"frequency\":\"monthly\"},...],\"fixed_fees\":true,\"billable_usage_path\":\"/accounts/{account}/...\",\"billable_usage_info_path\":\"...\"}; accounts is required. docs/PLATFORMS.md"`
	Datadog      string `env:"POLO_DATADOG" unit:"JSON" doc:"of Datadog's sources: {\"site\":\"datadoghq.eu\",\"organisation\":\"PUBLIC_ID\"}, the organisation that is billed; both are required. docs/PLATFORMS.md"`
	// A secret's own text is for runs by hand: a function's environment is no place for it.
	GitHubSecret     string `env:"POLO_GITHUB_SECRET" unit:"ARN" doc:"of GitHub's sources: the secret with token, or with app_id, private_key and perhaps installation_id of a GitHub App; and perhaps enterprise_token, for the bill of an enterprise alone; in Secrets Manager or SSM; for polo collect also the JSON object itself"`
	CloudflareSecret string `env:"POLO_CLOUDFLARE_SECRET" unit:"ARN" doc:"of Cloudflare's sources: the secret with api_token, in Secrets Manager or SSM; for polo collect also the JSON object itself"`
	DatadogSecret    string `env:"POLO_DATADOG_SECRET" unit:"ARN" doc:"of Datadog's sources: the secret with api_key and application_key, in Secrets Manager or SSM; for polo collect also the JSON object itself"`

	// No variable sets the following.

	// Workers is how many scopes are read at once; 0: as producers.RunConfig says.
	Workers int
	// Timeouts bound one try of one request.
	Timeouts awsaccounts.Timeouts
}

// own returns a setting that is a source's own, by its variable.
func (s Settings) own(variable string) string {
	return map[string]string{
		"POLO_REPORTS": s.Reports, "POLO_CLOUDWATCH": s.CloudWatch, "POLO_COST_EXPLORER": s.CostExplorer,
		"POLO_GITHUB": s.GitHub, "POLO_GITHUB_SECRET": s.GitHubSecret, "POLO_CLOUDFLARE": s.Cloudflare, "POLO_CLOUDFLARE_SECRET": s.CloudflareSecret,
		"POLO_DATADOG": s.Datadog, "POLO_DATADOG_SECRET": s.DatadogSecret,
	}[variable]
}

// ReadSettings reads the settings and reports every fault at once.
func ReadSettings(getenv func(string) string) (Settings, error) {
	s := Settings{AccountRoles: map[string]string{}, Identity: producers.DefaultIdentity(), Period: -1, Lookback: -1}
	err := environment.Read(getenv, &s, environment.Parsers{
		reflect.TypeFor[[]account.Account]():  func(text string) (any, error) { return awsaccounts.Listed(text) },
		reflect.TypeFor[map[string]string]():  func(text string) (any, error) { return awsaccounts.Roles(text) },
		reflect.TypeFor[[]string]():           func(text string) (any, error) { return strings.FieldsFunc(text, separates), nil },
		reflect.TypeFor[producers.Identity](): func(text string) (any, error) { return producers.ParseIdentity(text) },
		reflect.TypeFor[time.Duration]():      positive,
	})
	if s.Organization && len(s.Accounts) > 0 {
		err = errors.Join(err, errors.New("POLO_ACCOUNTS: set beside POLO_ORGANIZATION=true: it is one or the other"))
	}
	if u, problem := url.Parse(s.Endpoint); s.Endpoint != "" && (problem != nil || !httpsource.IsLocal(u)) {
		// Not quoted: it may hold a password.
		err = errors.Join(err, errors.New("POLO_ENDPOINT: not http:// and an address on this machine"))
	}
	if s.ReadRole == "" && s.Env != "" {
		s.ReadRole = s.Env + "-PoloReadRole"
	}
	return s, err
}

func separates(r rune) bool { return r == ',' || r == ' ' || r == '\n' }

// positive reads a duration that is not below zero.
func positive(text string) (any, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = errors.New("below zero")
	}
	return d, err
}

// Micros is an amount of money in millionths of a US dollar; 0: without bound.
type Micros int64

// UnmarshalText reads an amount of US dollars, exactly.
func (m *Micros) UnmarshalText(text []byte) error {
	d, err := decimal.NewFromString(string(text))
	if err != nil {
		return errors.New("not an amount of US dollars")
	}
	d = d.Shift(6)
	// 0 would mean no bound, which is the opposite of what is asked for.
	if !d.IsInteger() || d.Sign() <= 0 || d.GreaterThan(decimal.New(1, 15)) {
		return errors.New("not an amount from 0.000001 to 1000000000 US dollars")
	}
	*m = Micros(d.IntPart())
	return nil
}
