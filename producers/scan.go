package producers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"polo/envelope"
	"polo/internal/meter"
	"polo/internal/queue"
	"polo/internal/redact"
)

// Scan is one scope's part of a run. Its methods are safe for concurrent use.
type Scan struct {
	Scope
	// At is the run's scheduled time. It is the TS of every snapshot and completion, so
	// that a repeated run publishes the same events.
	At time.Time
	// Window is the time that the run covers, for a source of past events.
	Window Window
	// ObservedAt is when the run began; all its events have it.
	ObservedAt time.Time

	run   *run
	meter *meter.Meter

	mu sync.Mutex
	// events counts those emitted, rejected those sent to the dead-letter queue.
	events, rejected int64
	gaps             []Gap
	// tainted are the types and parts that have a gap.
	tainted      map[string]bool
	costsTainted bool
	completions  []completion
	limiters     map[string]*rate.Limiter
}

// completion is a part of a scope that was read to its end.
type completion struct {
	accountID, region, resourceType string
	from, to                        time.Time // of a cost scan
	bill                            Bill      // zero unless it completes a bill
}

func (c completion) isBill() bool { return c.bill.Delivery != "" }

// AnyRegion in a completion stands for every region: for what one call lists for all
// regions, such as S3's buckets.
const AnyRegion = "*"

// Rate is a source's rate limit for one call, by account and region: Burst requests in the
// first second, PerSecond in each later one. It is declared where the call is made.
type Rate struct {
	Call      string
	PerSecond float64
	Burst     int
}

// Wait waits until the next request of a call may be sent.
func (s *Scan) Wait(ctx context.Context, r Rate) error {
	s.mu.Lock()
	l := s.limiters[r.Call]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(r.PerSecond), max(r.Burst, 1))
		s.limiters[r.Call] = l
	}
	s.mu.Unlock()
	if err := l.Wait(ctx); err != nil {
		// The limiter fails at once if the deadline would come first.
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return errDeadline
	}
	return nil
}

// Page counts a page that was read.
func (s *Scan) Page() { s.meter.Page() }

// Spend counts the price of a paid request, in millionths of a US dollar. It returns
// ErrBudget if the request must not be made.
func (s *Scan) Spend(micros int64) error { return s.run.spend(s.meter, micros) }

// Identity maps tags to an owner.
func (s *Scan) Identity() Identity { return s.run.cfg.Identity }

// Emit fills in what all events of a scope share (source, platform, observed_at, account,
// role, identity) where an event leaves it empty, and emits them. An invalid event goes to
// the dead-letter queue, and its resource type does not count as read to the end; nor do
// costs, if it is a cost line. An error ends the scope: Collect returns it.
func (s *Scan) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	invalid := int64(0)
	for i := range events {
		e := &events[i]
		s.fill(e)
		if err := e.Validate(); err != nil {
			invalid++
			s.taint(e.ResourceType, e.EventType == envelope.TypeCostAccrued, err)
			continue
		}
		s.run.emitted.add(s.At, e)
	}
	if err := s.run.cfg.Emitter.Emit(ctx, events...); err != nil {
		return s.classifyEmitError(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events += int64(len(events)) - invalid
	s.rejected += invalid
	return nil
}

// classifyEmitError classifies an error of the emitter. Such an error ends the run, unless the
// scope's context ended while the emitter waited for the queue: then the scope is a gap
// and the run goes on to report it. If publishing has failed for good as well, that report
// will fail.
func (s *Scan) classifyEmitError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return emitError{err: fmt.Errorf("%w, while publishing: %w", context.Cause(ctx), err)}
	}
	return emitError{err: err, endsRun: true}
}

func (s *Scan) fill(e *envelope.ResourceEvent) {
	if e.Source == "" {
		e.Source = s.run.cfg.Collector.Source()
	}
	setDefault(&e.Platform, PlatformOf(e.Source))
	if e.ObservedAt.IsZero() {
		e.ObservedAt = s.ObservedAt
	}
	if e.AccountID == "" {
		e.AccountID = s.Account.ID
	}
	if e.AccountRole == "" {
		e.AccountRole = s.run.roles[e.AccountID]
	}
	if n := len(e.Ancestors); n > 0 && strings.HasSuffix(e.Ancestors[n-1], ":iam::"+e.AccountID+":root") {
		e.Ancestors = append(e.Ancestors[:n:n], s.run.units[e.AccountID]...)
	}
	customer, cluster, index := s.run.cfg.Identity.Of(e.Tags)
	setDefault(&e.MarqoCustomer, customer)
	setDefault(&e.MarqoCluster, cluster)
	setDefault(&e.MarqoIndex, index)
}

// PlatformOf returns the platform at the beginning of a source's name: "aws.ec2".
func PlatformOf(source string) string {
	platform, _, _ := strings.Cut(source, ".")
	return platform
}

func setDefault(s *string, fallback string) {
	if *s == "" {
		*s = fallback
	}
}

// Reject sends what could not be normalised to the dead-letter queue. what names the
// resource type or part it belongs to, which then does not count as read to the end; nor
// do the scope's costs.
func (s *Scan) Reject(ctx context.Context, what string, f queue.Failure) error {
	// The record's own error is in the failure; one gap stands for all records.
	s.taint(what, true, ErrInvalidAnswer)
	return s.RejectOfBill(ctx, f)
}

// RejectOfBill is Reject for a part of a bill. It leaves no gap: the collector knows the
// bill and calls IncompleteBill.
func (s *Scan) RejectOfBill(ctx context.Context, f queue.Failure) error {
	if err := s.run.cfg.Emitter.Reject(ctx, f); err != nil {
		return s.classifyEmitError(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[queue.Reason]int64{}
	f.Count(counts)
	for _, n := range counts {
		s.rejected += n
	}
	return nil
}

// taint records that a resource type, or the costs, were not read properly.
func (s *Scan) taint(what string, costs bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.costsTainted = s.costsTainted || costs
	s.note(Gap{AccountID: s.Account.ID, Region: s.Region, What: what, Reason: GapInvalid, Error: redact.Text(err.Error())})
}

// Gap records that something could not be read, and why. what is the resource type or the
// part; empty means the whole scope. Of several gaps of one part the first is reported.
func (s *Scan) Gap(ctx context.Context, what string, err error) {
	g := gapOf(ctx, s.Scope, what, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(g)
}

// note stores a gap. The lock is held.
func (s *Scan) note(g Gap) {
	if s.tainted[g.What] {
		return
	}
	s.tainted[g.What] = true
	s.gaps = append(s.gaps, g)
}

// Completed records that every resource of a type in the scope was emitted. The completion
// is published once the queue has acknowledged them all.
func (s *Scan) Completed(resourceType string) {
	s.complete(completion{accountID: s.Account.ID, region: s.Region, resourceType: resourceType})
}

// CompletedAnywhere is Completed for a type that one call lists for all regions.
func (s *Scan) CompletedAnywhere(resourceType string) {
	s.complete(completion{accountID: s.Account.ID, region: AnyRegion, resourceType: resourceType})
}

// CompletedCosts records that every cost line billed to the payer accountID was emitted
// for the whole billing days from (inclusive) to (exclusive). An invalid or rejected line
// of the scope withdraws it, and so does a gap of the whole scope. A gap of a part does
// not: a collector that reads several periods completes those that it read.
func (s *Scan) CompletedCosts(accountID string, from, to time.Time) {
	s.complete(completion{accountID: accountID, from: from.UTC(), to: to.UTC()})
}

// publishable reports whether a completion may be published. A gap that names no part taints
// the whole scope. The lock is held.
func (s *Scan) publishable(c completion) bool {
	if c.isBill() {
		return true
	}
	isCosts := !c.from.IsZero()
	return !s.tainted[""] && !s.tainted[c.resourceType] && (!isCosts || !s.costsTainted)
}

func (s *Scan) complete(c completion) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.completions = append(s.completions, c)
}

// emitError is an error of Emit or Reject, which ends the scope, and perhaps the run.
type emitError struct {
	err     error
	endsRun bool
}

func (e emitError) Error() string { return e.err.Error() }
func (e emitError) Unwrap() error { return e.err }

// IsEmitError reports whether an error is one of Scan.Emit or Scan.Reject. Collect returns such an
// error; it is no gap in what the source answered.
func IsEmitError(err error) bool {
	var e emitError
	return errors.As(err, &e)
}

// endsRun reports whether an error is the emitter's own.
func endsRun(err error) bool {
	var e emitError
	return errors.As(err, &e) && e.endsRun
}
