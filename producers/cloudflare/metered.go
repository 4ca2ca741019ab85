package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"polo/internal/httpsource"
	"polo/producers"
)

// metered is a subscription whose usage is billed.
type metered struct {
	Anchor time.Time `json:"billing_cycle_anchor_timestamp"`
	Start  time.Time `json:"start_timestamp"`
	End    time.Time `json:"end_timestamp"`
}

// active reports whether a day may have usage of the subscription.
func (m *metered) active(d time.Time) bool {
	return d.Add(day).After(m.Start) && (m.End.IsZero() || !d.After(m.End))
}

// usage is what was read of billable usage.
type usage struct {
	lines lines
	// days are those of the window. Of each day of the month that periods begin on, read has
	// the days whose answers are proven.
	days          interval
	subscriptions []metered
	read          map[int]map[time.Time]bool
}

// begun returns when the first usage of a period can be from.
func (u *usage) begun(m metered, p interval) time.Time {
	first := p.to
	for _, o := range u.subscriptions {
		if o.Anchor.UTC().Day() == m.Anchor.UTC().Day() && o.Start.Before(first) {
			first = o.Start
		}
	}
	if first.Before(p.from) {
		return p.from
	}
	return first
}

// bills reports whether the lines include charges other than usage.
func (u *usage) bills() bool {
	for k := range u.lines {
		if k.category != categoryUsage {
			return true
		}
	}
	return false
}

// proven returns the days of which every line is known: those that each subscription has
// usage of, except those on which a fee may have begun that is not listed any more.
func (u *usage) proven(fees []fee) []time.Time {
	if len(u.subscriptions) == 0 {
		return nil
	}
	var all []time.Time
	for d := u.days.from; d.Before(u.days.to); d = d.Add(day) {
		known := !slices.ContainsFunc(u.subscriptions, func(m metered) bool { return m.active(d) && !u.read[m.Anchor.UTC().Day()][d] })
		anybody := slices.ContainsFunc(u.subscriptions, func(m metered) bool { return m.active(d) })
		begun := slices.ContainsFunc(fees, func(f fee) bool { return f.begun(d) })
		if known && anybody && !begun {
			all = append(all, d)
		}
	}
	return all
}

// usage reads the billing periods of the window. An error ends the scope; what could not be
// read is a gap.
func (c *Billing) usage(ctx context.Context, s *producers.Scan) (*usage, error) {
	u := &usage{lines: lines{}, read: map[int]map[time.Time]bool{}}
	today := dayOf(s.At)
	u.days = interval{dayOf(s.Window.From), today.Add(day)}
	if last := s.Window.To.Add(-time.Millisecond); dayOf(last).Before(today) {
		u.days.to = dayOf(last).Add(day)
	}
	if oldest := today.Add(-history); u.days.from.Before(oldest) {
		u.days.from = oldest
	}
	subscriptions, err := c.periods(ctx, s)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		s.Gap(ctx, whatUsage, unavailable(err))
		return u, nil
	}
	u.subscriptions = subscriptions
	asked := map[interval]bool{}
	for _, m := range subscriptions {
		for p := billingPeriod(m.Anchor, u.days.from); p.from.Before(u.days.to); p = billingPeriod(m.Anchor, p.to) {
			live := m.Start.Before(p.to) && (m.End.IsZero() || m.End.After(p.from))
			if asked[p] || !live {
				continue
			}
			asked[p] = true
			if err := c.period(ctx, s, u, m, p); err != nil {
				if ctx.Err() != nil {
					return nil, err
				}
				s.Gap(ctx, "cloudflare:cost "+p.from.Format(time.DateOnly), err)
			}
		}
	}
	return u, nil
}

// unavailableError says that an account has no billable usage.
type unavailableError struct{ error }

func (unavailableError) GapReason() string { return httpsource.Disabled }
func (e unavailableError) Unwrap() error   { return e.error }

func unavailable(err error) error {
	var e *httpsource.Error
	if errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed) {
		return unavailableError{err}
	}
	return err
}

// periods asks when the billing periods of an account begin. There are none if its usage is
// not billed.
func (c *Billing) periods(ctx context.Context, s *producers.Scan) ([]metered, error) {
	var info struct {
		Covered       *bool     `json:"covered"`
		Subscriptions []metered `json:"subscriptions"`
	}
	a, err := c.get(ctx, s, fill(c.cfg.BillableUsageInfoPath, in(s.Account.ID, "").marks), nil, &info)
	if err != nil {
		return nil, fmt.Errorf("asking for the billing periods: %w", err)
	}
	if info.Covered != nil && !*info.Covered {
		return nil, nil // it is billed by a contract, or not at all
	}
	if len(info.Subscriptions) == 0 {
		return nil, a.Invalid("it is covered, and has no billing period")
	}
	for _, m := range info.Subscriptions {
		if m.Anchor.IsZero() {
			return nil, a.Invalid("a subscription has no billing_cycle_anchor_timestamp")
		}
	}
	return info.Subscriptions, nil
}

// get asks for a result that is no list of pages.
func (c *Billing) get(ctx context.Context, s *producers.Scan, path string, query url.Values, result any) (*httpsource.Answer, error) {
	a, err := c.client.Get(ctx, path, query)
	if err != nil {
		return nil, err
	}
	s.Page()
	var body reply
	if err := a.Decode(&body); err != nil {
		return a, err
	}
	if body.Success == nil || !*body.Success || body.Info.TotalPages.n > 1 || body.Info.Cursor != "" {
		return a, a.Invalid("its answer does not say success, or is not all")
	}
	if err := json.Unmarshal(body.Result, result); err != nil {
		return a, a.Invalid("its answer is not as documented: %w", err)
	}
	return a, nil
}

// period asks for the usage of a billing period up to today, which includes the anchor's
// day: without that day Cloudflare answers nothing. So an empty answer is no zero, but a
// gap once the period's first usage is due.
func (c *Billing) period(ctx context.Context, s *producers.Scan, u *usage, m metered, p interval) error {
	today := dayOf(s.At)
	asked := p
	if end := today.Add(day); asked.to.After(end) {
		asked.to = end
	}
	var records []usageRecord
	a, err := c.get(ctx, s, fill(c.cfg.BillableUsagePath, in(s.Account.ID, "").marks),
		url.Values{"from": {asked.from.Format(time.DateOnly)}, "to": {asked.to.Add(-day).Format(time.DateOnly)}}, &records)
	if err != nil {
		return fmt.Errorf("asking for billable usage: %w", err)
	}
	if len(records) == 0 {
		if s.At.Sub(u.begun(m, p)) > late+day {
			return partialf("billable usage of the period from %s is empty", p.from.Format(time.DateOnly))
		}
		return nil
	}
	answered := lines{}
	first, last := asked.to, asked.from
	for i := range records {
		r := &records[i]
		err := r.in(asked)
		if err == nil {
			err = answered.add(r, s.Account.ID)
		}
		if err != nil {
			return a.Invalid("%w", err)
		}
		d := dayOf(r.ChargePeriodStart)
		if d.Before(first) {
			first = d
		}
		if end := d.Add(day); end.After(last) {
			last = end
		}
	}
	u.lines.merge(answered)
	if oldest := today.Add(edge - history); first.After(oldest) {
		first = oldest // what is younger than the history and not stated is nothing
	}
	due := today.Add(-late)
	if end := asked.to.Add(-day); end.Before(due) {
		due = end // should Cloudflare leave out the day that a range ends on, it is not nothing
	}
	if last.Before(due) {
		last = due // and so is what was due
	}
	read := u.read[m.Anchor.UTC().Day()]
	if read == nil {
		read = map[time.Time]bool{}
		u.read[m.Anchor.UTC().Day()] = read
	}
	for d := first; d.Before(last); d = d.Add(day) {
		if !d.Before(asked.from) && d.Before(asked.to) {
			read[d] = true
		}
	}
	return nil
}
