package cloudflare

import (
	"context"

	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

// SourceBilling is the source of all that Cloudflare bills: two sources of one account's
// costs would complete each other's days.
const SourceBilling = "cloudflare.billing"

const (
	// history is how far back billable usage goes.
	history = 30 * day
	// edge is how much of the history may be missing already: a day in it that is not stated
	// was forgotten, and did not cost nothing.
	edge = 2 * day
	// late is how long a day's usage may take to come.
	late = 2 * day

	whatUsage = "cloudflare:billable_usage"
	whatFees  = "cloudflare:subscription"
)

// Billing reads what accounts cost: billable usage by day, service and zone, and the fees
// of subscriptions.
//
// Billable usage is metered usage, and states no fees. So both count. If usage ever states
// another category of charge, it bills fees as well: then those of subscriptions do not
// count. The setting fixed_fees switches them off where a bill has them already.
type Billing struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Billing)(nil)

// NewBilling returns a collector.
func NewBilling(cfg Config, client *httpsource.Client) *Billing { return &Billing{cfg, client} }

// Source implements producers.Collector.
func (*Billing) Source() string { return SourceBilling }

// Scopes implements producers.Collector: the accounts of the setting.
func (c *Billing) Scopes([]account.Account, []string) []producers.Scope {
	return scopes(c.cfg.Accounts)
}

// Collect implements producers.Collector. It completes the days of which usage and fees
// were both read.
func (c *Billing) Collect(ctx context.Context, s *producers.Scan) error {
	used, err := c.usage(ctx, s)
	if err != nil {
		return err
	}
	var fees feeList
	read := true
	events := used.lines.events()
	if !used.bills() && (c.cfg.FixedFees == nil || *c.cfg.FixedFees) {
		if fees, err = c.fees(ctx, s); err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Gap(ctx, whatFees, err)
			read = false
		}
		events = append(events, fees.events(s.Account.ID)...)
	}
	if len(events) > 0 {
		if err := s.Emit(ctx, events...); err != nil {
			return err
		}
	}
	if read {
		for _, r := range runs(used.proven(fees.all)) {
			s.CompletedCosts(s.Account.ID, r.from, r.to)
		}
	}
	return nil
}
