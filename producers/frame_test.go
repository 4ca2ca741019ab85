package producers_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/emittertest"
)

// These tests run a collector over a few accounts and regions.
const (
	fakeSource = "aws.fake"
	thing      = "fake:thing"
	other      = "fake:other"
)

var scheduled = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func accounts(ids ...string) []account.Account {
	all := make([]account.Account, len(ids))
	for i, id := range ids {
		all[i] = account.Account{ID: id, Role: "role of " + id}
	}
	return all
}

// collectorFunc is a collector of every account and region.
type collectorFunc func(context.Context, *producers.Scan) error

func (collectorFunc) Source() string { return fakeSource }

func (collectorFunc) Scopes(a []account.Account, regions []string) []producers.Scope {
	return producers.EachRegion(a, regions)
}

func (f collectorFunc) Collect(ctx context.Context, s *producers.Scan) error { return f(ctx, s) }

// snapshot returns a valid event of a scope's resource.
func snapshot(s *producers.Scan, resourceType, id string) envelope.ResourceEvent {
	arn := "arn:aws:fake:" + s.Region + ":" + s.Account.ID + ":thing/" + id
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID(fakeSource, s.At, arn), EventType: envelope.TypeSnapshot, TS: s.At,
		ARN: arn, Region: s.Region, ResourceType: resourceType, ResourceID: id,
	}
}

// oneThing emits one thing and completes its type.
func oneThing(ctx context.Context, s *producers.Scan) error {
	if err := s.Emit(ctx, snapshot(s, thing, "1")); err != nil {
		return err
	}
	s.Completed(thing)
	return nil
}

// recorder records the events that are valid, and rejects the others.
type recorder struct {
	emittertest.Recorder
	// emit and flush, if set, are called first.
	emit  func(context.Context, []envelope.ResourceEvent) error
	flush func(calls int) error
}

func (r *recorder) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	if r.emit != nil {
		if err := r.emit(ctx, events); err != nil {
			return err
		}
	}
	for _, e := range events {
		if err := e.Validate(); err != nil {
			_ = r.Reject(ctx, queue.Failure{Reason: queue.ReasonInvalidEvent, Err: err.Error()}) // it returns nil
		} else {
			_ = r.Recorder.Emit(ctx, e) // it returns nil
		}
	}
	return nil
}

func (r *recorder) Flush(ctx context.Context) error {
	_ = r.Recorder.Flush(ctx) // it returns nil
	if r.flush != nil {
		return r.flush(len(r.Flushed))
	}
	return nil
}

// of returns the events of a type, each as "account region resource_type", sorted.
func (r *recorder) of(eventType string) []string {
	var all []string
	for _, e := range r.Events {
		if e.EventType == eventType {
			all = append(all, e.AccountID+" "+e.Region+" "+e.ResourceType)
		}
	}
	slices.Sort(all)
	return all
}

// run runs a collector over accounts a and b in regions r1 and r2, unless change alters
// that.
func run(t *testing.T, c producers.Collector, to *recorder, change func(*producers.RunConfig)) (producers.Summary, error) {
	t.Helper()
	return runIn(t.Context(), c, to, change)
}

func runIn(ctx context.Context, c producers.Collector, to *recorder, change func(*producers.RunConfig)) (producers.Summary, error) {
	cfg := producers.RunConfig{
		Collector: c, Accounts: accounts("a", "b"), Regions: []string{"r1", "r2"}, Emitter: to, Scheduled: scheduled,
	}
	if change != nil {
		change(&cfg)
	}
	return producers.Run(ctx, cfg)
}
