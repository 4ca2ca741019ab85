package producers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"polo/internal/account"
	"polo/internal/meter"
)

// FlushingEmitter is an Emitter that can wait until its input is safe.
type FlushingEmitter interface {
	Emitter
	// Flush returns nil once everything accepted is acknowledged.
	Flush(ctx context.Context) error
}

// RunConfig configures one run of a collector.
type RunConfig struct {
	Collector Collector
	Accounts  []account.Account
	Regions   []string
	Emitter   FlushingEmitter
	Identity  Identity
	// Scheduled is the run's scheduled time, not its start.
	Scheduled time.Time
	Window    Window
	// Workers is how many scopes are read at once, 16.
	Workers int
	// Reserve is how long before ctx's deadline the run stops reading, so that it can
	// publish and report where it stopped; 20 s.
	Reserve time.Duration
	// BudgetMicros bounds the cost of the run's paid requests, in millionths of a US
	// dollar; 0 means no bound.
	BudgetMicros int64
	// Recorded means that the collector reads recordings: they say nothing about how the
	// source is read now, so the end of the run is no event.
	Recorded bool
	Logger   *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Summary is the result of a run.
type Summary struct {
	Source    string    `json:"source"`
	Scheduled time.Time `json:"scheduled"`
	// Scopes is their number. Read of them were read to the end without a gap; Unread
	// were not begun when the time was up.
	Scopes int `json:"scopes"`
	Read   int `json:"read"`
	Unread int `json:"unread"`
	// Events were published, including those about the run itself; Rejected went to the
	// dead-letter queue.
	Events   int64 `json:"events"`
	Rejected int64 `json:"rejected,omitempty"`
	// Completions is how many parts were read to their end.
	Completions int          `json:"completions"`
	Gaps        []Gap        `json:"gaps,omitempty"`
	Counts      meter.Counts `json:"counts"`
	Seconds     float64      `json:"seconds"`
}

// run is the state of a run.
type run struct {
	cfg   RunConfig
	roles map[string]string
	// units are the ARNs of an account's organisational units, nearest first, and of its
	// organisation.
	units map[string][]string
	meter meter.Meter
	spent atomic.Int64
	// emitted counts the events that completions cover.
	emitted emitted

	mu          sync.Mutex
	summary     Summary
	completions []completion
}

// Run reads every scope, several at once, publishes what they hold, and reports what was
// read to its end and what was not. Errors of a scope are gaps in the summary. The
// returned error is the emitter's, or says that the run was cancelled. The summary is
// valid in any case.
func Run(ctx context.Context, cfg RunConfig) (Summary, error) {
	r, err := newRun(cfg)
	if err != nil {
		return Summary{}, err
	}
	began := r.cfg.Now()
	scopes := r.cfg.Collector.Scopes(r.cfg.Accounts, r.cfg.Regions)
	r.summary.Scopes = len(scopes)
	// Shuffle, so that a run that is always too short does not always skip the same
	// scopes.
	order := rand.New(rand.NewPCG(uint64(r.cfg.Scheduled.UnixNano()), 0)).Perm(len(scopes))
	observed := began.UTC().Truncate(time.Millisecond)
	reading, stop := r.readingTime(ctx)
	defer stop()
	g, reading := errgroup.WithContext(reading)
	g.SetLimit(r.cfg.Workers)
	for _, i := range order {
		g.Go(func() error { return r.scope(reading, scopes[i], observed) })
	}
	err = g.Wait()
	r.sortResults()
	if err == nil {
		err = context.Cause(ctx) // the scopes' own errors only say that they were interrupted
	}
	if err == nil {
		err = r.publishResults(ctx, observed, began, scopes)
	}
	r.summary.Counts = r.meter.Counts()
	r.summary.Seconds = r.cfg.Now().Sub(began).Seconds()
	r.log(ctx, err)
	return r.summary, err
}

func newRun(cfg RunConfig) (*run, error) {
	switch {
	case cfg.Collector == nil || cfg.Emitter == nil:
		return nil, errors.New("run: no collector or no emitter")
	case cfg.Scheduled.IsZero():
		return nil, errors.New("run: no scheduled time")
	}
	cfg.Scheduled = cfg.Scheduled.UTC().Truncate(time.Millisecond)
	cfg.Workers = orElse(cfg.Workers, 16)
	if cfg.Reserve == 0 {
		cfg.Reserve = 20 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &run{cfg: cfg, roles: make(map[string]string, len(cfg.Accounts)), units: map[string][]string{}}
	for _, a := range cfg.Accounts {
		r.roles[a.ID] = a.Role
		if a.Organisation != "" {
			r.units[a.ID] = append(slices.Clone(a.Units), a.Organisation) //mutant:organisation-forgotten
		}
	}
	r.summary = Summary{Source: cfg.Collector.Source(), Scheduled: cfg.Scheduled}
	return r, nil
}

// readingTime returns a context that ends Reserve before the run's.
func (r *run) readingTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-r.cfg.Reserve), errDeadline)
}

// scope reads one scope. An error ends the run.
func (r *run) scope(ctx context.Context, scope Scope, observed time.Time) error {
	s := &Scan{
		Scope: scope, At: r.cfg.Scheduled, Window: r.cfg.Window, ObservedAt: observed, run: r, meter: meter.Under(&r.meter),
		tainted: map[string]bool{}, limiters: map[string]*rate.Limiter{},
	}
	if ctx.Err() != nil {
		return r.unread(ctx, s)
	}
	err := r.collect(meter.With(ctx, s.meter), s)
	if err != nil {
		s.Gap(ctx, "", err)
	}
	r.add(s)
	if endsRun(err) {
		return err
	}
	return nil
}

// collect calls Collect and turns a panic into an error, so that other scopes continue.
func (r *run) collect(ctx context.Context, s *Scan) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("collector panicked: %v", v)
			r.cfg.Logger.ErrorContext(ctx, "collector panicked", slog.String("source", r.summary.Source), slog.String("account_id", s.Account.ID),
				slog.String("region", s.Region), slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
		}
	}()
	return r.cfg.Collector.Collect(ctx, s)
}

// unread records a scope that was not begun.
func (r *run) unread(ctx context.Context, s *Scan) error {
	if !errors.Is(context.Cause(ctx), errDeadline) {
		return context.Cause(ctx) // the run was cancelled, or another scope ended it
	}
	s.Gap(ctx, "", errDeadline)
	r.mu.Lock()
	r.summary.Unread++
	r.mu.Unlock()
	r.add(s)
	return nil
}

// add adds a scope's results.
func (r *run) add(s *Scan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary.Events += s.events
	r.summary.Rejected += s.rejected
	r.summary.Gaps = append(r.summary.Gaps, s.gaps...)
	if len(s.gaps) == 0 {
		r.summary.Read++
	}
	for _, c := range s.completions {
		if s.publishable(c) {
			r.completions = append(r.completions, c)
		}
	}
}

// sortResults sorts the scopes' results, because scopes end in any order.
func (r *run) sortResults() {
	slices.SortFunc(r.summary.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region), cmp.Compare(a.What, b.What))
	})
	slices.SortFunc(r.completions, func(a, b completion) int {
		return cmp.Or(cmp.Compare(a.accountID, b.accountID), cmp.Compare(a.region, b.region), cmp.Compare(a.resourceType, b.resourceType),
			a.from.Compare(b.from), a.to.Compare(b.to), cmp.Compare(a.bill.Source, b.bill.Source), cmp.Compare(a.bill.Delivery, b.bill.Delivery))
	})
	// A type that every region lists for all regions is completed once.
	r.completions = slices.Compact(r.completions)
}

// spend counts a price. It returns ErrBudget instead if that would exceed the budget.
func (r *run) spend(m *meter.Meter, micros int64) error {
	for {
		spent := r.spent.Load()
		if r.cfg.BudgetMicros > 0 && spent+micros > r.cfg.BudgetMicros {
			return ErrBudget
		}
		if r.spent.CompareAndSwap(spent, spent+micros) {
			m.Paid(micros)
			return nil
		}
	}
}
