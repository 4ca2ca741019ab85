// Package collect runs a source's collector as the environment configures it: which accounts
// and regions, which role, which queues.
package collect

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/internal/account"
	"polo/internal/awsaccounts"
	"polo/producers"
)

// Settings are read from the environment. Each field names its variable.
type Settings struct {
	// Env is POLO_ENV: the deployment's name, which is part of the role's name.
	Env string
	// Accounts is POLO_ACCOUNTS: "id[:name[:role]],...".
	Accounts []account.Account
	// Organization is POLO_ORGANIZATION=true: the accounts are those of the AWS
	// Organization. It is read with the role in OrganizationAccount
	// (POLO_ORGANIZATION_ACCOUNT: the management account or a delegated administrator) or,
	// if that is empty, with the caller's own credentials.
	Organization        bool
	OrganizationAccount string
	// OwnAccount is POLO_OWN_ACCOUNT: the account that is read with the caller's own
	// credentials; if empty, the role is assumed in every account.
	OwnAccount string
	// AccountRoles is POLO_ACCOUNT_ROLES: "id=role,..."; it takes precedence over a list's
	// or a tag's role.
	AccountRoles map[string]string
	// Regions is POLO_REGIONS, "us-east-1,eu-west-1"; the default is AWS_REGION.
	Regions []string
	// ReadRole is POLO_READ_ROLE: the role's name, by default {POLO_ENV}-PoloReadRole.
	// ExternalID is POLO_EXTERNAL_ID: the external id that its trust policy requires.
	ReadRole, ExternalID string
	// Queue and DeadLetter are POLO_QUEUE and POLO_DLQ: URLs, ARNs or names.
	Queue, DeadLetter string
	// Identity is POLO_IDENTITY, JSON: {"customer":["tag",...],"cluster":[...],
	// "index":[...]}; lists left out are producers.DefaultIdentity's.
	Identity producers.Identity
	// BudgetMicros is POLO_BUDGET_USD, in millionths of a US dollar: the most that the paid
	// requests of one run may cost; 0 means no bound.
	BudgetMicros int64
	// Workers is how many scopes are read at once; 0 means producers.RunConfig's default. No
	// variable sets it.
	Workers int
	// Period and Lookback are POLO_PERIOD and POLO_LOOKBACK, such as "15m", and override the
	// source's defaults. Negative means not set.
	Period, Lookback time.Duration
	// Timeouts bound one try of one request; no variable sets them.
	Timeouts awsaccounts.Timeouts
	// Endpoint replaces AWS's endpoints for the sources; the SDK reads AWS_ENDPOINT_URL
	// itself.
	Endpoint string
	// QueueEndpoint is POLO_QUEUE_ENDPOINT: another SQS endpoint for Queue and DeadLetter
	// only, such as a local server, which ignores credentials.
	QueueEndpoint string
}

// ReadSettings reads the settings and reports every fault at once.
func ReadSettings(getenv func(string) string) (Settings, error) {
	var errs []error
	wrong := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	s := Settings{
		Env: getenv("POLO_ENV"), OrganizationAccount: getenv("POLO_ORGANIZATION_ACCOUNT"), OwnAccount: getenv("POLO_OWN_ACCOUNT"),
		ReadRole: getenv("POLO_READ_ROLE"), ExternalID: getenv("POLO_EXTERNAL_ID"),
		Queue: getenv("POLO_QUEUE"), DeadLetter: getenv("POLO_DLQ"), QueueEndpoint: getenv("POLO_QUEUE_ENDPOINT"),
		Period: -1, Lookback: -1,
	}
	var err error
	s.Accounts, err = awsaccounts.Listed(getenv("POLO_ACCOUNTS"))
	wrong("POLO_ACCOUNTS", err)
	s.AccountRoles, err = awsaccounts.Roles(getenv("POLO_ACCOUNT_ROLES"))
	wrong("POLO_ACCOUNT_ROLES", err)
	switch text := getenv("POLO_ORGANIZATION"); text {
	case "true":
		s.Organization = true
	case "", "false":
	default:
		wrong("POLO_ORGANIZATION", errors.New("neither true nor false"))
	}
	if s.Organization && len(s.Accounts) > 0 {
		wrong("POLO_ACCOUNTS", errors.New("set beside POLO_ORGANIZATION=true: it is one or the other"))
	}
	if s.ReadRole == "" && s.Env != "" {
		s.ReadRole = s.Env + "-PoloReadRole"
	}
	for region := range strings.FieldsFuncSeq(getenv("POLO_REGIONS"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		s.Regions = append(s.Regions, region)
	}
	s.Identity, err = producers.ParseIdentity(getenv("POLO_IDENTITY"))
	wrong("POLO_IDENTITY", err)
	s.BudgetMicros, err = micros(getenv("POLO_BUDGET_USD"))
	wrong("POLO_BUDGET_USD", err)
	for name, d := range map[string]*time.Duration{"POLO_PERIOD": &s.Period, "POLO_LOOKBACK": &s.Lookback} {
		if text := getenv(name); text != "" {
			*d, err = time.ParseDuration(text)
			if err == nil && *d < 0 {
				err = errors.New("below zero")
			}
			wrong(name, err)
		}
	}
	return s, errors.Join(errs...)
}

// micros converts an amount of US dollars to millionths, exactly.
func micros(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return 0, errors.New("not an amount of US dollars")
	}
	m := d.Shift(6)
	// 0 would mean no bound, the opposite of what is asked for.
	if !m.IsInteger() || m.Sign() <= 0 || m.GreaterThan(decimal.New(1, 15)) {
		return 0, errors.New("not an amount from 0.000001 to 1000000000 US dollars")
	}
	return m.IntPart(), nil
}
