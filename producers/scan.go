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

// Scan is the reading of one scope in one run. Its methods are safe for concurrent
// use.
type Scan struct {
	Scope
	// At is the time that the run was scheduled for: the TS of every snapshot and
	// completion of it, so that a run that is repeated says the same again.
	At time.Time
	// Window is the time that the run covers, of a source that tells of the past.
	Window Window
	// ObservedAt is when the run began: that of all its events.
	ObservedAt time.Time

	run   *run
	meter *meter.Meter

	mu sync.Mutex
	// events went out, rejected to the dead-letter queue.
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
	from, to                        time.Time // of a scan of costs
	bill                            Bill      // the zero Bill of all but a bill's
}

func (c completion) isBill() bool { return c.bill.Delivery != "" }

// AnyRegion in a completion stands for every region: of what one call lists for all
// regions, such as S3's buckets.
const AnyRegion = "*"

// Rate is what a source allows for one call, by account and region: the first second
// may take Burst requests, each later one PerSecond. It is declared where the call is
// made.
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
		// The limiter refuses at once what the deadline would cut.
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return errDeadline
	}
	return nil
}

// Page counts a page that was read.
func (s *Scan) Page() { s.meter.Page() }

// Spend asks whether a paid request may be made, and counts its price in millionths
// of a US dollar. ErrBudget: it may not.
func (s *Scan) Spend(micros int64) error { return s.run.spend(s.meter, micros) }

// Identity is how whose a resource is is read off tags.
func (s *Scan) Identity() Identity { return s.run.cfg.Identity }

// Emit fills in what is the same for all events of a scope (source, platform,
// observed_at, account, role, identity) where an event does not say it, and hands them
// on. An event that breaks a rule goes to the dead-letter queue, and its resource type
// does not count as read to the end; nor do costs, if it is a cost line. An error ends
// the scope: Collect returns it.
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
		return s.emitting(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events += int64(len(events)) - invalid
	s.rejected += invalid
	return nil
}

// emitting tells an error of the emitter, which ends the run, from that of a context
// that ended while the emitter made it wait for the queue: the scope's time was up, and
// the run goes on to tell so. If publishing has failed for good, too, telling will.
func (s *Scan) emitting(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w, while publishing: %w", context.Cause(ctx), err)
	}
	return emitterError{err}
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

// PlatformOf is the platform that a source's name begins with: "aws.ec2".
func PlatformOf(source string) string {
	platform, _, _ := strings.Cut(source, ".")
	return platform
}

func setDefault(s *string, fallback string) {
	if *s == "" {
		*s = fallback
	}
}

// Reject sends what could not be normalised to the dead-letter queue. What names the
// resource type or the part that it belongs to, which does not count as read to the
// end then; nor do the scope's costs.
func (s *Scan) Reject(ctx context.Context, what string, f queue.Failure) error {
	// Why is the record's own matter, and on the failure: a gap is one for all of them.
	s.taint(what, true, ErrInvalidAnswer)
	return s.RejectOfBill(ctx, f)
}

// RejectOfBill is Reject of a part of a bill. It leaves no gap: the collector knows which
// bill the part is of, and says IncompleteBill.
func (s *Scan) RejectOfBill(ctx context.Context, f queue.Failure) error {
	if err := s.run.cfg.Emitter.Reject(ctx, f); err != nil {
		return s.emitting(ctx, err)
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

// taint notes that a resource type, or the costs, were not read as they should have
// been.
func (s *Scan) taint(what string, costs bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.costsTainted = s.costsTainted || costs
	s.note(Gap{AccountID: s.Account.ID, Region: s.Region, What: what, Reason: GapInvalid, Error: redact.Text(err.Error())})
}

// Gap notes that something could not be read, and why. What is the resource type or the
// part; empty, it is all of the scope. Of several gaps of one part the first is told.
func (s *Scan) Gap(ctx context.Context, what string, err error) {
	g := gapOf(ctx, s.Scope, what, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(g)
}

// note keeps a gap. The lock is held.
func (s *Scan) note(g Gap) {
	if s.tainted[g.What] {
		return
	}
	s.tainted[g.What] = true
	s.gaps = append(s.gaps, g)
}

// Completed notes that every resource of a type that the scope has was emitted. It is
// told once the queue has acknowledged them all.
func (s *Scan) Completed(resourceType string) {
	s.complete(completion{accountID: s.Account.ID, region: s.Region, resourceType: resourceType})
}

// CompletedAnywhere is Completed of a type of which one call lists those of all
// regions.
func (s *Scan) CompletedAnywhere(resourceType string) {
	s.complete(completion{accountID: s.Account.ID, region: AnyRegion, resourceType: resourceType})
}

// CompletedCosts notes that every cost line of the whole billing days from (inclusive)
// to (exclusive) was emitted, of what the payer accountID is billed for. A line of the
// scope that was refused (by Emit or Reject) and a gap of all of the scope take it back; a
// gap of a part does not: whoever reads several periods completes those that it read.
func (s *Scan) CompletedCosts(accountID string, from, to time.Time) {
	s.complete(completion{accountID: accountID, from: from.UTC(), to: to.UTC()})
}

// believed tells whether a completion may be told. What has a gap that names no part
// taints all of the scope. The lock is held.
func (s *Scan) believed(c completion) bool {
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

// emitterError is an error of the emitter: the run is over.
type emitterError struct{ err error }

func (e emitterError) Error() string { return e.err.Error() }
func (e emitterError) Unwrap() error { return e.err }

func isEmitters(err error) bool {
	var e emitterError
	return errors.As(err, &e)
}
