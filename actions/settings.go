package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"polo/actions/action"
)

// Limits of how much is done; settings may only lower them.
const (
	maxPerHour        = 10
	maxPerAccountHour = 3
	maxTypePercent    = 2
)

// Settings are what may be done. The zero value allows nothing.
type Settings struct {
	Enabled bool    `json:"enabled"`
	Allow   []Allow `json:"allow"`
	// Production are the environments that need a second person; an account whose environment is not known is production.
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
	// WithoutViolation allows it without a violation, where the action can be.
	WithoutViolation bool `json:"without_violation"`
}

// Limits bound what is done; 0 is the default, which is also the most.
type Limits struct {
	Hour        int `json:"hour"`
	AccountHour int `json:"account_hour"`
	TypePercent int `json:"type_percent"`
}

// ParseSettings reads settings and reports every fault at once.
func ParseSettings(text []byte) (Settings, error) {
	var s Settings
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
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
	}
	if len(s.Production) == 0 {
		s.Production = []string{"production", "prod"}
	}
	for _, l := range []struct {
		name string
		n    *int
		most int
	}{{"hour", &s.Limits.Hour, maxPerHour}, {"account_hour", &s.Limits.AccountHour, maxPerAccountHour}, {"type_percent", &s.Limits.TypePercent, maxTypePercent}} {
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

// allowed returns the entry that allows an action in an account of an environment, or nil.
func (s Settings) allowed(id, account, environment string) *Allow {
	for i, a := range s.Allow {
		if a.Action == id && slices.Contains(a.Accounts, account) && slices.Contains(a.Environments, environment) {
			return &s.Allow[i]
		}
	}
	return nil
}
