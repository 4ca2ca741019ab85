package cloudtrail

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/source"
)

// TypeEvent is the type that a lookup completes: the management events of an account and region,
// in the run's window.
const TypeEvent = "cloudtrail:event"

// Collector looks up the management events of each account and region, in the run's window.
type Collector struct {
	Sessions source.Sessions
}

var _ producers.Collector = (*Collector)(nil)

// Registration describes the source. CloudTrail's events can be looked up about 15 minutes after
// the call; the lookback covers that and a missed run.
func Registration() source.Source {
	return source.Source{
		Name:        SourceCloudTrail,
		Function:    "cloudtrail",
		Description: "API activity of each account and region (LookupEvents: management events)",
		Period:      15 * time.Minute, Lookback: 30 * time.Minute,
		New:     func(d source.Deps) (producers.Collector, error) { return &Collector{Sessions: d.Sessions}, nil },
		Records: records,
	}
}

// records makes events of rejected records, as the collector would.
func records(id producers.Identity) source.Normalise {
	n := NewNormaliser(Config{Identity: id.OfTags})
	return func(record []byte, observed time.Time) ([]envelope.ResourceEvent, error) {
		out, err := n.Normalise(record, observed)
		return out.Events, err
	}
}

// Source implements producers.Collector.
func (c *Collector) Source() string { return SourceCloudTrail }

// Scopes implements producers.Collector.
func (c *Collector) Scopes(accounts []account.Account, regions []string) []producers.Scope {
	return producers.EachRegion(accounts, regions)
}

// Collect implements producers.Collector.
func (c *Collector) Collect(ctx context.Context, s *producers.Scan) error {
	cfg, err := c.Sessions.Config(ctx, s.Account.ID, s.Region)
	if err != nil {
		return err
	}
	lookup := Lookup{
		Client:  paging{client: cloudtrail.NewFromConfig(cfg), scan: s},
		Account: s.Account.ID, Region: s.Region,
		// The API's end is inclusive.
		Start: s.Window.From, End: s.Window.To.Add(-time.Millisecond),
		Normaliser: NewNormaliser(Config{Identity: s.Identity().OfTags}), ObservedAt: s.ObservedAt,
	}
	if _, err := lookup.Collect(ctx, scanEmitter{s}); err != nil {
		return err
	}
	s.Completed(TypeEvent)
	return nil
}

// paging counts pages.
type paging struct {
	client LookupClient
	scan   *producers.Scan
}

func (p paging) LookupEvents(ctx context.Context, in *cloudtrail.LookupEventsInput, opts ...func(*cloudtrail.Options)) (*cloudtrail.LookupEventsOutput, error) {
	out, err := p.client.LookupEvents(ctx, in, opts...)
	if err == nil && out != nil {
		p.scan.Page()
	}
	return out, err
}

// scanEmitter makes a scan the emitter of a lookup.
type scanEmitter struct{ *producers.Scan }

// Reject implements producers.Emitter.
func (e scanEmitter) Reject(ctx context.Context, f queue.Failure) error {
	return e.Scan.Reject(ctx, TypeEvent, f)
}
