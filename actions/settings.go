package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"polo/actions/action"
)

// Limits of how much is done; settings may only lower them.
const (
	maxPerHour        = 10
	maxPerAccountHour = 3
	maxTypePercent    = 2
	maxPersonPlans    = 30
)

// Settings are what may be done. The zero value allows nothing.
type Settings struct {
	Enabled bool    `json:"enabled"`
	Allow   []Allow `json:"allow"`
	// Production are the environments, in any case, and the ids of accounts that need a second person; an account whose
	// environment is not known is production.
	Production []string `json:"production"`
	// SecondPersonAbove is what a resource may cost in 30 days before a second person is needed.
	SecondPersonAbove Money  `json:"second_person_above"`
	Limits            Limits `json:"limits"`
}

// Allow allows one action in some accounts of some environments. Nothing else is allowed, and there are no wildcards.
type Allow struct {
	Action       string   `json:"action"`
	Accounts     []string `json:"accounts"`
	Environments []string `json:"environments"`
	// Keys are the keys of tags that tag_resource may set, which must be named.
	Keys []string `json:"keys,omitempty"`
	// WithoutViolation allows it without a violation, where the action can be.
	WithoutViolation bool `json:"without_violation"`
}

// Limits bound what is done; 0 is the default, which is also the most.
type Limits struct {
	Hour        int `json:"hour"`
	AccountHour int `json:"account_hour"`
	TypePercent int `json:"type_percent"`
	// PersonPlans is how many plans one person may make in an hour.
	PersonPlans int `json:"person_plans"`
}

// ParseSettings reads settings and reports every fault at once.
func ParseSettings(text []byte) (Settings, error) {
	var s Settings
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return s, errors.New("something follows the settings")
	}
	return s.Checked()
}

// Checked returns the settings with their defaults, or every fault.
func (s Settings) Checked() (Settings, error) {
	var errs []error
	for i, a := range s.Allow {
		known, err := action.ByID(a.Action)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("allow[%d]: %w", i, err))
		case a.WithoutViolation && !known.Info().Unprompted:
			errs = append(errs, fmt.Errorf("allow[%d]: %s is done only for a violation", i, a.Action))
		}
		if len(a.Accounts) == 0 || len(a.Environments) == 0 || slices.Contains(a.Accounts, "") || slices.Contains(a.Environments, "") {
			errs = append(errs, fmt.Errorf("allow[%d]: accounts and environments must both be named", i))
		}
		if err := a.checkKeys(); err != nil {
			errs = append(errs, fmt.Errorf("allow[%d]: %w", i, err))
		}
	}
	for i, p := range s.Production {
		if strings.TrimSpace(p) == "" {
			errs = append(errs, fmt.Errorf("production[%d]: it is empty", i))
		}
	}
	if len(s.Production) == 0 {
		s.Production = []string{"production", "prod"}
	}
	for _, l := range []struct {
		name string
		n    *int
		most int
	}{{"hour", &s.Limits.Hour, maxPerHour}, {"account_hour", &s.Limits.AccountHour, maxPerAccountHour}, {"type_percent", &s.Limits.TypePercent, maxTypePercent}, {"person_plans", &s.Limits.PersonPlans, maxPersonPlans}} {
		switch {
		case *l.n == 0:
			*l.n = l.most
		case *l.n < 0 || *l.n > l.most:
			errs = append(errs, fmt.Errorf("limits.%s: not from 1 to %d", l.name, l.most))
		}
	}
	if s.SecondPersonAbove.Amount.IsNegative() || s.SecondPersonAbove.Amount.GreaterThan(decimal.Zero) && s.SecondPersonAbove.Currency == "" {
		errs = append(errs, errors.New("second_person_above: not an amount with its currency"))
	}
	return s, errors.Join(errs...)
}

// checkKeys reports keys that are missing, superfluous or never set.
func (a Allow) checkKeys() error {
	if a.Action != tagAction {
		if len(a.Keys) > 0 {
			return errors.New("keys are those of tags, for " + tagAction + " alone")
		}
		return nil
	}
	if len(a.Keys) == 0 {
		return errors.New("keys: the tags that may be set must be named")
	}
	for _, k := range a.Keys {
		if err := action.CheckTagKey(k); err != nil || k == "" {
			return fmt.Errorf("keys: %q is not one that may be set", k)
		}
	}
	return nil
}

// tagAction is the action that sets tags, and tagKey its parameter.
const (
	tagAction = "tag_resource"
	tagKey    = "key"
)

// isProduction reports whether an account is for production.
func (s Settings) isProduction(account, environment string) bool {
	return slices.ContainsFunc(s.Production, func(p string) bool {
		p = strings.TrimSpace(p)
		return p == account || strings.EqualFold(p, strings.TrimSpace(environment))
	})
}

// allowed returns the entry that allows an action with its parameters in an account of an environment, or nil.
func (s Settings) allowed(id string, params map[string]string, account, environment string) *Allow {
	for i, a := range s.Allow {
		if a.Action == tagAction && !slices.Contains(a.Keys, params[tagKey]) { //mutant:actions-any-key
			continue
		}
		if a.Action == id && slices.Contains(a.Accounts, account) && slices.Contains(a.Environments, environment) {
			return &s.Allow[i]
		}
	}
	return nil
}
