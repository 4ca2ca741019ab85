package datadog

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

const (
	// UsageSource is the source of hourly usage.
	UsageSource = "datadog.usage"
	// TypeUsage is what a run of UsageSource completes: all hours of its window.
	TypeUsage = "datadog:usage"
	// TypeOrganisation is the resource type of an organisation, whose usage is measured.
	TypeOrganisation = "datadog:org"

	hourlyUsagePath = "/api/v2/usage/hourly_usage"
	// usagePage is the most items of a page.
	usagePage = 500
	// usageSpan is the most hours of several organisations in one request.
	//
	// Source: Datadog, "Usage Metering".
	usageSpan = 24 * time.Hour
)

// Usage reads hourly usage of an organisation and its sub-organisations.
type Usage struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Usage)(nil)

// NewUsage returns the collector of UsageSource.
func NewUsage(cfg Config, client *httpsource.Client) *Usage { return &Usage{cfg, client} }

// Source implements producers.Collector.
func (*Usage) Source() string { return UsageSource }

// Scopes implements producers.Collector.
func (c *Usage) Scopes([]account.Account, []string) []producers.Scope { return c.cfg.scope() }

// scope is the one scope of what is read of an organisation and its site.
func (c Config) scope() []producers.Scope {
	return []producers.Scope{{Account: account.Account{ID: c.Organisation}, Region: c.Site}}
}

// Collect implements producers.Collector. It reads the whole hours of the window, a day at
// a time: a day that cannot be read leaves a gap.
func (c *Usage) Collect(ctx context.Context, s *producers.Scan) error {
	to := s.Window.To.UTC().Truncate(time.Hour)
	for from := s.Window.From.UTC().Truncate(time.Hour); from.Before(to); from = from.Add(usageSpan) {
		end := from.Add(usageSpan)
		if end.After(to) {
			end = to
		}
		if err := c.hours(ctx, s, from, end); err != nil {
			return err
		}
	}
	s.Completed(TypeUsage) // not published if a day has a gap
	return nil
}

// hours reads the hours from (inclusive) to (exclusive).
func (c *Usage) hours(ctx context.Context, s *producers.Scan, from, to time.Time) error {
	const hour = "2006-01-02T15"
	request := httpsource.Request{Path: hourlyUsagePath, Query: url.Values{
		"filter[timestamp][start]": {from.Format(hour)}, "filter[timestamp][end]": {to.Format(hour)},
		"filter[product_families]": {"all"}, "filter[include_descendants]": {"true"}, "page[limit]": {strconv.Itoa(usagePage)},
	}}
	seen := values{}
	_, err := readPages(ctx, s, c.client, request, "page[next_record_id]", TypeUsage, func(a *httpsource.Answer) (string, error) {
		m, err := measure(a, "")
		if err != nil {
			return "", err
		}
		for _, one := range m.samples {
			if one.from.Before(from) || !one.from.Before(to) {
				return "", a.Invalid("it has an hour that was not asked for: %s", one.from.Format(hour))
			}
		}
		events, err := seen.of(m.samples, UsageSource, c.cfg.Site, "")
		if err != nil {
			return "", a.Invalid("%w", err)
		}
		return m.next, s.Emit(ctx, events...)
	})
	return err
}

// values are those that were read, by event.
type values map[uuid.UUID]float64

// of returns the events of samples that were not read before. Two values of one
// measurement are an error.
func (v values) of(samples []sample, source, site, mark string) ([]envelope.ResourceEvent, error) {
	var events []envelope.ResourceEvent
	for i := range samples {
		e := samples[i].event(source, site, mark)
		before, again := v[e.EventID]
		switch {
		case !again:
			v[e.EventID] = *e.MetricValue
			events = append(events, e)
		case before != *e.MetricValue:
			return nil, fmt.Errorf("%s of %s has two values", samples[i].name, samples[i].from.Format(time.RFC3339))
		}
	}
	return events, nil
}

// readUsages reads recorded usage. It completes nothing: an answer does not say that all
// organisations and products are in it.
func readUsages(ctx context.Context, s *producers.Scan, r *recording) error {
	for _, a := range r.answers {
		if err := r.readSamples(ctx, s, a, UsageSource, familyOf(a.Request.Path)); err != nil {
			return err
		}
	}
	return nil
}

// readSamples reads one recorded answer about usage. An error is the emitter's.
func (r *recording) readSamples(ctx context.Context, s *producers.Scan, a recordedAnswer, source, family string) error {
	m, err := measure(a.Answer, family)
	for i := range m.samples {
		if m.samples[i].organisation == "" {
			m.samples[i].organisation = r.payer
		}
	}
	events, twice := values{}.of(m.samples, source, a.site, a.mark)
	switch {
	case err != nil:
		r.gap(ctx, s, a, TypeUsage, err)
	case twice != nil:
		r.gap(ctx, s, a, TypeUsage, a.Invalid("%w", twice))
	case m.items == 0:
		r.leave(a, whyEmpty, 1)
	case len(events) == 0 && m.missing > 0:
		r.leave(a, "no measurement has a value", 1)
	case m.idle > 0:
		r.leave(a, "the item states no measurement", m.idle)
	}
	return s.Emit(ctx, events...)
}

// familyOf returns the product family that a path names: "ci_app" of /api/v1/usage/ci-app.
func familyOf(at string) string {
	at = strings.TrimSuffix(at, "/")
	if at == "" || at == hourlyUsagePath {
		return ""
	}
	return strings.ReplaceAll(path.Base(at), "-", "_")
}
