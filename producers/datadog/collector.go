package datadog

import (
	"context"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

// Source is the source of all that Datadog bills: two sources of one payer's costs would
// complete each other's days.
const Source = "datadog.billing"

const (
	// final is how many days into a month the month before is billed.
	final = 16
	// late is how far behind estimates may be, with a day of which they are.
	late = 72*time.Hour + day
)

// Collector reads the costs of one organisation.
type Collector struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Collector)(nil)

// New returns a collector.
func New(cfg Config, client *httpsource.Client) *Collector { return &Collector{cfg, client} }

// Source implements producers.Collector.
func (*Collector) Source() string { return Source }

// Scopes implements producers.Collector: the organisation that is billed.
func (c *Collector) Scopes([]account.Account, []string) []producers.Scope {
	return []producers.Scope{{Account: account.Account{ID: c.cfg.Organisation}}}
}

// Collect implements producers.Collector. It reads each month of the window. A month that
// cannot be read leaves a gap; the others are completed.
func (c *Collector) Collect(ctx context.Context, s *producers.Scan) error {
	to := s.Window.To
	if s.At.Before(to) {
		to = s.At
	}
	for month := monthOf(s.Window.From); month.Before(to); month = month.AddDate(0, 1, 0) {
		lines, end, err := c.month(ctx, s, month)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Gap(ctx, "datadog:cost "+month.Format("2006-01"), err)
			continue
		}
		if err := s.Emit(ctx, lines...); err != nil {
			return err
		}
		if end.After(month) {
			s.CompletedCosts(c.cfg.Organisation, month, end)
		}
	}
	return nil
}

// month reads a month: finally if it is billed, else by days. It returns the lines, and the
// day up to which they are all there are.
func (c *Collector) month(ctx context.Context, s *producers.Scan, month time.Time) ([]envelope.ResourceEvent, time.Time, error) {
	m := maker{payer: c.cfg.Organisation, site: c.cfg.Site}
	next := month.AddDate(0, 1, 0)
	if !s.At.Before(next) {
		statements, answer, err := historical(ctx, c.client, month)
		if err != nil {
			return nil, month, err
		}
		s.Page()
		if len(statements) > 0 {
			lines, err := m.months(statements, month)
			if err != nil {
				return nil, month, answer.Invalid("%w", err)
			}
			return lines, next, nil
		}
		if due := next.AddDate(0, 0, final); !s.At.Before(due) { // until then an empty answer means: not yet
			return nil, month, answer.Invalid("it has no final cost of %s, which was due before %s", month.Format("2006-01"), due.Format(time.DateOnly))
		}
	}
	last := next.Add(-day)
	if s.At.Before(last) {
		last = s.At.UTC().Truncate(day)
	}
	statements, answer, err := estimated(ctx, c.client, month, last)
	if err != nil {
		return nil, month, err
	}
	s.Page()
	lines, end, err := m.days(statements, month)
	if err != nil {
		return nil, month, answer.Invalid("%w", err)
	}
	if end.Equal(month) && s.At.Sub(month) > late {
		return nil, month, answer.Invalid("it has no cost of %s, %s after it began", month.Format("2006-01"), s.At.Sub(month).Truncate(time.Hour))
	}
	return lines, end, nil
}

func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
