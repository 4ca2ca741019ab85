package cloudwatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"polo/internal/account"
	"polo/producers"
)

// Sessions returns configurations of the AWS SDK. The SDK retries requests; this package does
// not.
type Sessions interface {
	Config(ctx context.Context, accountID, region string) (aws.Config, error)
}

// Collector samples metrics in each account and region.
type Collector struct {
	sessions Sessions
	metrics  []Metric
}

var _ producers.Collector = (*Collector)(nil)

// New returns the collector of a configuration.
func New(c Config, sessions Sessions) (*Collector, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Collector{sessions: sessions, metrics: c.Metrics}, nil
}

// Source implements producers.Collector.
func (c *Collector) Source() string { return Source }

// Scopes implements producers.Collector.
func (c *Collector) Scopes(accounts []account.Account, regions []string) []producers.Scope {
	return producers.EachRegion(accounts, regions)
}

// maxInARow bounds the consecutive failed requests of a scope: after that many, the cause is not
// the requests' content.
const maxInARow = 3

// Collect implements producers.Collector. A failed request is a gap of its metrics. An error that
// ends the run's time, its budget or its emitter ends the scope.
func (c *Collector) Collect(ctx context.Context, s *producers.Scan) error {
	cfg, err := c.sessions.Config(ctx, s.Account.ID, s.Region)
	if err != nil {
		return err
	}
	r := &reading{scan: s, client: cloudwatch.NewFromConfig(cfg)}
	var all []series
	for _, m := range c.metrics {
		found, err := discovered(ctx, s, r.client, m)
		if err := r.outcome(ctx, err, m.what()); err != nil {
			return err
		}
		all = append(all, found...)
	}
	for _, batch := range batches(unique(all)) {
		err := r.batch(ctx, batch)
		if err := r.outcome(ctx, err, whatsOf(batch)...); err != nil {
			return err
		}
	}
	if !r.gaps {
		s.Completed(TypeSample)
	}
	return nil
}

// outcome turns an error into gaps, unless it ends the scope.
func (r *reading) outcome(ctx context.Context, err error, whats ...string) error {
	if err == nil {
		r.failed = 0
		return nil
	}
	var emitting *emitError
	switch r.failed++; {
	case errors.As(err, &emitting):
		return emitting.err
	case ctx.Err() != nil, errors.Is(err, producers.ErrBudget):
		return err
	case r.failed >= maxInARow:
		return fmt.Errorf("%d requests in a row: %w", r.failed, err)
	}
	for _, what := range whats {
		r.gap(ctx, what, err)
	}
	return nil
}

// whatsOf returns the names of a batch's metrics in gaps.
func whatsOf(batch []series) []string {
	var out []string
	seen := map[string]bool{}
	for i := range batch {
		if what := batch[i].what(); !seen[what] {
			seen[what] = true
			out = append(out, what)
		}
	}
	return out
}
