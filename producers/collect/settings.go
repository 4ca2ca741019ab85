// Package collect runs a source's collector as the environment says: over which
// accounts and regions, with which role, into which queues.
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

// Settings are what the environment says. Which variable holds what is told at each.
type Settings struct {
	// Env is POLO_ENV: the deployment's name, of which the role's is made.
	Env string
	// Accounts is POLO_ACCOUNTS: "id[:name[:role]],...".
	Accounts []account.Account
	// Organization is POLO_ORGANIZATION=true: the accounts are those of the AWS
	// Organization, which is asked with the role of OrganizationAccount
	// (POLO_ORGANIZATION_ACCOUNT: the management account or a delegated
	// administrator) or, without one, with the caller's own credentials.
	Organization        bool
	OrganizationAccount string
	// OwnAccount is POLO_OWN_ACCOUNT: the account that is read with the caller's own
	// credentials; empty: the role is assumed in every account.
	OwnAccount string
	// AccountRoles is POLO_ACCOUNT_ROLES: "id=role,..."; it goes before the role that a
	// list or a tag says.
	AccountRoles map[string]string
	// Regions is POLO_REGIONS, "us-east-1,eu-west-1"; AWS_REGION when not set.
	Regions []string
	// ReadRole is POLO_READ_ROLE: the role's name, {POLO_ENV}-PoloReadRole when not set.
	// ExternalID is POLO_EXTERNAL_ID: what its trust asks for.
	ReadRole, ExternalID string
	// Queue and DeadLetter are POLO_QUEUE and POLO_DLQ: URLs, ARNs or names.
	Queue, DeadLetter string
	// Identity is POLO_IDENTITY, JSON: {"customer":["tag",...],"cluster":[...],
	// "index":[...]}; what it leaves out is as in producers.DefaultIdentity.
	Identity producers.Identity
	// BudgetMicros is POLO_BUDGET_USD: what the paid requests of one run may cost, kept
	// in millionths of a US dollar; 0: without bound.
	BudgetMicros int64
	// Workers is how many scopes are read at once; 0: as producers.RunConfig says. No
	// variable sets it.
	Workers int
	// Period and Lookback are POLO_PERIOD and POLO_LOOKBACK, such as "15m": those of the
	// schedule, where it differs from the source's own. Negative: not set.
	Period, Lookback time.Duration
	// Timeouts bound one try of one request; no variable sets them.
	Timeouts awsaccounts.Timeouts
	// Endpoint replaces AWS's own for the sources; AWS_ENDPOINT_URL is read by the SDK.
	Endpoint string
	// QueueEndpoint is POLO_QUEUE_ENDPOINT: another SQS for Queue and DeadLetter alone, such
	// as one on this machine, which looks at no credentials.
	QueueEndpoint string
}

// ReadSettings reads them and reports everything that is wrong at once.
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

// micros reads an amount of US dollars as millionths, exactly.
func micros(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return 0, errors.New("not an amount of US dollars")
	}
	m := d.Shift(6)
	// 0 would mean no bound, which is the opposite of what is asked for.
	if !m.IsInteger() || m.Sign() <= 0 || m.GreaterThan(decimal.New(1, 15)) {
		return 0, errors.New("not an amount from 0.000001 to 1000000000 US dollars")
	}
	return m.IntPart(), nil
}
