package datadog

import (
	"context"
	"net/url"
	"strings"
	"time"

	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

const (
	// AttributionSource is the source of costs and usage by tag. Its costs are views
	// (cost.viewed): they split what Source states.
	AttributionSource = "datadog.attribution"

	costAttributionPath  = "/api/v2/cost_by_tag/monthly_cost_attribution"
	usageAttributionPath = "/api/v1/usage/monthly-attribution"
	shapeCostByTag       = "cost_by_tag"
	// attributed is how many days into a month the costs of the month before are
	// attributed.
	attributed = 19
	// usageAttribution is the namespace of metrics that are attributed to tags.
	usageAttribution = "usage_attribution"
	// typeUsageAttribution is what a run completes that read the usage of all months.
	typeUsageAttribution = "datadog:usage_attribution"
)

// Attribution reads costs and usage by tag. Each may be refused without the other.
type Attribution struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Attribution)(nil)

// NewAttribution returns the collector of AttributionSource.
func NewAttribution(cfg Config, client *httpsource.Client) *Attribution {
	return &Attribution{cfg, client}
}

// Source implements producers.Collector.
func (*Attribution) Source() string { return AttributionSource }

// Scopes implements producers.Collector: costs have no region.
func (c *Attribution) Scopes([]account.Account, []string) []producers.Scope {
	return []producers.Scope{{Account: account.Account{ID: c.cfg.Organisation}}}
}

// Collect implements producers.Collector. It reads the costs of the window's months that
// have ended, and the usage of all.
func (c *Attribution) Collect(ctx context.Context, s *producers.Scan) error {
	to := s.Window.To
	if s.At.Before(to) {
		to = s.At
	}
	for month := monthOf(s.Window.From); month.Before(to); month = month.AddDate(0, 1, 0) {
		if !s.At.Before(month.AddDate(0, 1, 0)) {
			if err := c.costs(ctx, s, month); err != nil {
				return err
			}
		}
		if err := c.usage(ctx, s, month); err != nil {
			return err
		}
	}
	s.Completed(typeUsageAttribution) // not published if a month has a gap
	return nil
}

// costs reads the costs of a month by tag, and completes it if it read them all.
func (c *Attribution) costs(ctx context.Context, s *producers.Scan, month time.Time) error {
	what := "datadog:cost_attribution " + month.Format("2006-01")
	lines := newViews(c.cfg.Organisation, c.cfg.Site)
	first, err := c.byTags(ctx, costAttributionPath, month, func(a *httpsource.Answer) (string, error) {
		_, source, _, err := attributions(a)
		return source, err
	})
	if err != nil {
		return c.gap(ctx, s, what, err)
	}
	var last *httpsource.Answer
	whole, err := readPages(ctx, s, c.client, first, "next_record_id", what, func(a *httpsource.Answer) (string, error) {
		last = a
		items, _, next, err := attributions(a)
		if err == nil {
			err = lines.add(items, month)
		}
		if err != nil {
			return "", a.Invalid("%w", err)
		}
		return next, nil
	})
	if err != nil || !whole {
		return err
	}
	if due := month.AddDate(0, 1, attributed); lines.items == 0 {
		if !s.At.Before(due) { // until then an empty answer means: not yet
			missing := last.Invalid("it has no costs of %s by tag, which were due before %s", month.Format("2006-01"), due.Format(time.DateOnly))
			missing.Reason = httpsource.Disabled
			s.Gap(ctx, what, missing)
		}
		return nil
	}
	if err := s.Emit(ctx, lines.events...); err != nil {
		return err
	}
	s.CompletedCosts(c.cfg.Organisation, month, month.AddDate(0, 1, 0))
	return nil
}

// usage reads the usage of a month by tag. The month so far is restated by later runs.
func (c *Attribution) usage(ctx context.Context, s *producers.Scan, month time.Time) error {
	first, err := c.byTags(ctx, usageAttributionPath, month, func(a *httpsource.Answer) (string, error) {
		m, err := measure(a, usageAttribution)
		if err != nil || len(m.samples) == 0 {
			return "", err
		}
		return m.samples[0].notes["tag_config_source"], nil
	})
	if err != nil {
		return c.gap(ctx, s, typeUsageAttribution, err)
	}
	seen := values{}
	_, err = readPages(ctx, s, c.client, first, "next_record_id", typeUsageAttribution, func(a *httpsource.Answer) (string, error) {
		m, err := measure(a, usageAttribution)
		if err != nil {
			return "", err
		}
		for _, one := range m.samples {
			if !one.from.Equal(month) {
				return "", a.Invalid("it has a month that was not asked for: %s", one.from.Format("2006-01"))
			}
		}
		events, err := seen.of(m.samples, AttributionSource, c.cfg.Site, "")
		if err != nil {
			return "", a.Invalid("%w", err)
		}
		return m.next, s.Emit(ctx, events...)
	})
	return err
}

// byTags returns the request of a month that is split by all tags that the organisation
// has chosen for it. An answer without a split names them.
func (c *Attribution) byTags(ctx context.Context, path string, month time.Time, config func(*httpsource.Answer) (string, error)) (httpsource.Request, error) {
	text := month.Format("2006-01")
	r := httpsource.Request{Path: path, Query: url.Values{"start_month": {text}, "end_month": {text}, "fields": {"*"}}}
	a, err := c.client.Do(ctx, r)
	if err != nil {
		return r, err
	}
	stated, err := config(a)
	if keys := tagKeys(stated); len(keys) > 0 {
		r.Query.Set("tag_breakdown_keys", strings.Join(keys, ","))
	}
	return r, err
}

// gap records why a part was not read, unless the run ends.
func (c *Attribution) gap(ctx context.Context, s *producers.Scan, what string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	s.Gap(ctx, what, err)
	return nil
}

// tagKeys returns the tags of a configuration, "Acme:::team///project".
func tagKeys(config string) []string {
	_, tags, found := strings.Cut(config, ":::")
	if !found || tags == "" {
		return nil
	}
	return strings.Split(tags, "///")
}
