package cloudflare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// Config is the setting of Cloudflare's sources, in JSON:
//
//	{"accounts": ["023e105f4ecef8ad9ca31a8372d0c353"],
//	 "prices": [{"rate_plan": "enterprise", "amount": "200", "currency": "USD", "frequency": "monthly"}]}
type Config struct {
	// Accounts are the ids of the accounts that are read.
	Accounts []string `json:"accounts"`
	// BillableUsagePath is where the billable usage of {account} is, and BillableUsageInfoPath
	// its billing periods. Cloudflare has moved both twice.
	BillableUsagePath     string `json:"billable_usage_path"`
	BillableUsageInfoPath string `json:"billable_usage_info_path"`
	// FixedFees says that the fees of subscriptions are costs. Without it they are.
	FixedFees *bool `json:"fixed_fees"`
	// Prices are those of a contract, which the API does not state.
	Prices []Price `json:"prices"`
}

// Price is what a contract says that each subscription of a rate plan costs.
type Price struct {
	// RatePlan is the id or the public name of the plan.
	RatePlan string `json:"rate_plan"`
	Amount   Amount `json:"amount"`
	Currency string `json:"currency"`
	// Frequency is weekly, monthly, quarterly or yearly. A fee whose subscription states no
	// period of that length is that of the calendar's week, month, quarter or year.
	Frequency string `json:"frequency"`
}

// Amount is an amount of money. It is written as text, so that nothing makes it a float.
type Amount struct{ decimal.Decimal }

// UnmarshalJSON reads a decimal in a JSON string.
func (a *Amount) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return errors.New("an amount is not a text")
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return errors.New("an amount is not a decimal")
	}
	a.Decimal = d
	return nil
}

const (
	accountMark      = "{account}"
	defaultUsagePath = "/accounts/{account}/billable-usage"
)

// ParseConfig parses the setting, and reports every fault at once.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("reading the setting of Cloudflare: %w", err)
	}
	if d.More() {
		return Config{}, errors.New("the setting of Cloudflare: more follows its JSON")
	}
	var errs []error
	if len(c.Accounts) == 0 {
		errs = append(errs, errors.New("accounts is empty"))
	}
	seen := map[string]bool{}
	for i, id := range c.Accounts {
		if !isID(id) || seen[id] {
			errs = append(errs, fmt.Errorf("accounts[%d] is not an id of 32 lower-case hexadecimal digits, or there twice", i))
		}
		seen[id] = true
	}
	if c.BillableUsagePath == "" {
		c.BillableUsagePath = defaultUsagePath
	}
	if c.BillableUsageInfoPath == "" {
		c.BillableUsageInfoPath = c.BillableUsagePath + "/info"
	}
	for name, path := range map[string]string{"billable_usage_path": c.BillableUsagePath, "billable_usage_info_path": c.BillableUsageInfoPath} {
		if !strings.HasPrefix(path, "/") || strings.Count(path, accountMark) != 1 || strings.ContainsAny(path, "?#% ") || strings.Contains(path, "..") {
			errs = append(errs, fmt.Errorf("%s is not a path with %s", name, accountMark))
		}
	}
	for i, p := range c.Prices {
		code, ok := envelope.ParseCurrency(p.Currency)
		_, timed := calendarPeriod(p.Frequency, time.Time{})
		if p.RatePlan == "" || p.Amount.Sign() < 0 || !ok || code != p.Currency || !timed {
			errs = append(errs, fmt.Errorf("prices[%d] needs a rate_plan, an amount from 0, a currency of ISO 4217 and a frequency: weekly, monthly, quarterly or yearly", i))
		}
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("the setting of Cloudflare: %w", errors.Join(errs...))
	}
	return c, nil
}

// isID reports whether text is the id of an account or a zone.
func isID(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdef") == ""
}
