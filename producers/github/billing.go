package github

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

// SourceBilling is the source of all that GitHub bills: two sources of one payer's costs would complete each other's days.
const SourceBilling = "github.billing"

// settling is how many days into a month the month before the last is read, too.
const settling = 3

// Billing reads what each payer is billed.
type Billing struct {
	cfg     Config
	clients *Clients
}

var _ producers.Collector = (*Billing)(nil)

// NewBilling returns the collector of costs.
func NewBilling(cfg Config, clients *Clients) *Billing { return &Billing{cfg, clients} }

// Source implements producers.Collector.
func (*Billing) Source() string { return SourceBilling }

// Scopes implements producers.Collector: the payers.
func (c *Billing) Scopes([]account.Account, []string) []producers.Scope {
	return scopes(c.cfg.place(), c.cfg.payers())
}

func scopes(p place, owners []owner) []producers.Scope {
	all := make([]producers.Scope, len(owners))
	for i, o := range owners {
		all[i] = producers.Scope{Account: account.Account{ID: p.account(o), Name: o.name}}
	}
	return all
}

// scoped returns the owner of a scope.
func scoped(p place, owners []owner, s *producers.Scan) (owner, error) {
	for _, o := range owners {
		if p.account(o) == s.Account.ID {
			return o, nil
		}
	}
	return owner{}, fmt.Errorf("no scope of the setting is %s", s.Account.ID)
}

// Collect implements producers.Collector. It reads each month whole, with each cost centre of an enterprise. A month of which anything
// cannot be read is left open with a gap; the others are completed.
func (c *Billing) Collect(ctx context.Context, s *producers.Scan) error {
	payer, err := scoped(c.cfg.place(), c.cfg.payers(), s)
	if err != nil {
		return err
	}
	client, err := c.clients.of(ctx, payer)
	if err != nil {
		return err
	}
	parts, whole := []costCentre{{}}, true
	if payer.enterprise {
		centres, err := costCentres(ctx, client, payer)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Gap(ctx, "github:cost_center", err)
			whole = false
		}
		parts = append(parts, centres...)
	}
	for _, month := range months(s) {
		next := month.AddDate(0, 1, 0)
		answered := whole
		for _, part := range parts {
			r := report{place: c.cfg.place(), payer: payer, centre: part, from: month, to: next}
			lines, err := r.ask(ctx, client)
			if err != nil {
				if ctx.Err() != nil {
					return err
				}
				s.Gap(ctx, r.String(), err)
				answered = false
				continue
			}
			s.Page()
			if err := s.Emit(ctx, lines...); err != nil {
				return err
			}
		}
		if answered {
			s.CompletedCosts(s.Account.ID, month, earlier(next, s.At.Truncate(day).Add(day)))
		}
	}
	return nil
}

// months returns the first days of the months that a run reads: those of its window, this and the last one, and at the beginning of a
// month the one before that, which is restated until then.
func months(s *producers.Scan) []time.Time {
	this := monthOf(s.At)
	first := this.AddDate(0, -1, 0)
	if s.At.UTC().Day() <= settling {
		first = first.AddDate(0, -1, 0)
	}
	if !s.Window.From.IsZero() {
		first = earlier(first, monthOf(s.Window.From))
	}
	var all []time.Time
	for m := first; !m.After(this); m = m.AddDate(0, 1, 0) {
		all = append(all, m)
	}
	return all
}

func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// String names what is asked for: "github:cost 2026-02", "github:cost 2026-02 of cost center ID (NAME)".
func (r report) String() string {
	text := "github:cost " + r.from.Format("2006-01")
	if r.centre.id != "" {
		text += " of cost center " + r.centre.id + " (" + r.centre.name + ")"
	}
	return text
}

// ask asks for the usage of the report's month.
func (r report) ask(ctx context.Context, client *access) ([]envelope.ResourceEvent, error) {
	query := url.Values{"year": {strconv.Itoa(r.from.Year())}, "month": {strconv.Itoa(int(r.from.Month()))}}
	path := "/organizations/" + r.payer.name + "/settings/billing/usage"
	if r.payer.enterprise {
		path = "/enterprises/" + r.payer.name + "/settings/billing/usage"
	}
	if r.centre.id != "" {
		query.Set("cost_center_id", r.centre.id)
	}
	a, err := client.Get(ctx, path, query)
	if err != nil {
		return nil, fmt.Errorf("asking for usage: %w", err)
	}
	var u usage
	if err := a.Decode(&u); err != nil {
		return nil, err
	}
	if u.Items == nil {
		return nil, a.Invalid("its answer has no usageItems")
	}
	lines, err := r.lines(*u.Items)
	if err != nil {
		return nil, a.Invalid("%w", err)
	}
	return lines, nil
}

// centreList is the answer that lists cost centres.
type centreList struct {
	Centres *[]struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"costCenters"`
}

// costCentres returns the cost centres of an enterprise, also the deleted ones, which have costs of before.
func costCentres(ctx context.Context, client *access, payer owner) ([]costCentre, error) {
	var all []costCentre
	first := httpsource.Request{Path: "/enterprises/" + payer.name + "/settings/billing/cost-centers"}
	for page, err := range httpsource.Pages(ctx, client.Client, first, func(a *httpsource.Answer, page *centreList) (*httpsource.Request, error) {
		if _, ok := page.centres(); !ok {
			return nil, a.Invalid("its answer has no costCenters, or one without an id")
		}
		return client.NextLink(a)
	}) {
		if err != nil {
			return nil, fmt.Errorf("asking for cost centers: %w", err)
		}
		centres, _ := page.centres()
		all = append(all, centres...)
	}
	return all, nil
}

func (l centreList) centres() (all []costCentre, ok bool) {
	if l.Centres == nil {
		return nil, false
	}
	for _, c := range *l.Centres {
		if c.ID == "" {
			return nil, false
		}
		all = append(all, costCentre{c.ID, c.Name})
	}
	return all, true
}
