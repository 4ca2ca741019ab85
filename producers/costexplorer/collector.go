package costexplorer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/internal/account"
	"polo/producers"
)

// Sessions returns configurations of the AWS SDK. The SDK retries requests; this package does
// not.
type Sessions interface {
	Config(ctx context.Context, accountID, region string) (aws.Config, error)
}

// pageMicros is the price of one page, in millionths of a US dollar. AWS charges by page.
//
// Source: AWS, "AWS Cost Explorer pricing".
const pageMicros = 10_000

// pageRate stays below the API's throttle, which AWS does not document and which the console
// shares. A run needs few pages.
func pageRate() producers.Rate {
	return producers.Rate{Call: "GetCostAndUsage", PerSecond: 2, Burst: 2}
}

// partDays is the resource type of a gap of some days.
const partDays = "ce:days"

// Collector reads one view of what payers are billed for. Config.Collectors returns it.
type Collector struct {
	sessions Sessions
	view     View
	payers   []string
	region   string
	metrics  []string
}

var _ producers.Collector = (*Collector)(nil)

// Source implements producers.Collector.
func (c *Collector) Source() string { return c.view.source() }

// View returns the view that it reads.
func (c *Collector) View() View { return c.view }

// Scopes implements producers.Collector: one per payer, because costs have no region.
func (c *Collector) Scopes(accounts []account.Account, _ []string) []producers.Scope {
	return Payers(accounts, c.payers)
}

// Collect implements producers.Collector. Any early end is an error, and so a gap of the whole
// payer: an unread page may hold lines of any day.
func (c *Collector) Collect(ctx context.Context, s *producers.Scan) error {
	cfg, err := c.sessions.Config(ctx, s.Account.ID, c.region)
	if err != nil {
		return err
	}
	client := costexplorer.NewFromConfig(cfg)
	from, to := c.view.span(s.At)
	m := newMaker(c.view.source(), c.view.eventType(), s.Account.ID, c.view.Granularity, c.view.GroupBy)
	m.observed = s.ObservedAt
	seen := coverage{}
	in := c.request(from, to)
	for {
		if err := s.Wait(ctx, pageRate()); err != nil {
			return err
		}
		if err := s.Spend(pageMicros); err != nil {
			return err
		}
		out, err := client.GetCostAndUsage(ctx, in)
		if err != nil {
			return fmt.Errorf("asking for costs from %s to %s: %w", aws.ToString(in.TimePeriod.Start), aws.ToString(in.TimePeriod.End), err)
		}
		s.Page()
		if err := c.take(ctx, s, m, seen, pageOf(out)); err != nil {
			return err
		}
		next := aws.ToString(out.NextPageToken)
		if next == "" {
			c.complete(ctx, s, seen, from, to)
			return nil
		}
		if next == aws.ToString(in.NextPageToken) {
			return fmt.Errorf("the same page again: %w", producers.ErrInvalidAnswer)
		}
		in.NextPageToken = &next
	}
}

func (c *Collector) request(from, to time.Time) *costexplorer.GetCostAndUsageInput {
	start, end := from.Format(c.view.layout()), to.Format(c.view.layout())
	return &costexplorer.GetCostAndUsageInput{
		Granularity: c.view.Granularity, Metrics: c.metrics,
		TimePeriod: &types.DateInterval{Start: &start, End: &end}, GroupBy: definitions(c.view.GroupBy),
	}
}

// take emits a page's lines.
func (c *Collector) take(ctx context.Context, s *producers.Scan, m *maker, seen coverage, p page) error {
	currency := p.currency()
	for _, r := range p.Results {
		span, err := r.TimePeriod.span()
		if err != nil {
			return fmt.Errorf("%w: %w", producers.ErrInvalidAnswer, err)
		}
		lines, failures := m.lines(r, span, currency)
		if len(lines) > 0 {
			if err := s.Emit(ctx, lines...); err != nil {
				return err
			}
		}
		for _, f := range failures {
			if err := s.Reject(ctx, "", f); err != nil {
				return err
			}
		}
		seen.add(span)
	}
	return nil
}

// complete reports the days that were answered as complete. The API answers every period of the
// request, even without costs, so a past day that it left out is a gap.
func (c *Collector) complete(ctx context.Context, s *producers.Scan, seen coverage, from, to time.Time) {
	for _, d := range seen.days(from, to) {
		s.CompletedCosts(s.Account.ID, d.from, d.to)
	}
	// Hours to come of the run's own day may be missing.
	missing := seen.missing(from, s.At.UTC().Truncate(day))
	if len(missing) == 0 {
		return
	}
	var texts []string
	for _, d := range missing {
		texts = append(texts, d.from.Format(time.DateOnly)+"/"+d.to.Format(time.DateOnly))
	}
	s.Gap(ctx, partDays, fmt.Errorf("%w: no answer for %s", producers.ErrInvalidAnswer, strings.Join(texts, ", ")))
}
