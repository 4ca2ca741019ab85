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

// FlushingEmitter is an Emitter that tells when what it took is safe.
type FlushingEmitter interface {
	Emitter
	// Flush returns nil once everything taken is acknowledged.
	Flush(ctx context.Context) error
}

// RunConfig is one run of a collector.
type RunConfig struct {
	Collector Collector
	Accounts  []account.Account
	Regions   []string
	Emitter   FlushingEmitter
	Identity  Identity
	// Scheduled is the time that the run was scheduled for, not when it began.
	Scheduled time.Time
	Window    Window
	// Workers is how many scopes are read at once, 16.
	Workers int
	// Reserve is how long before ctx's deadline the run stops reading, to publish what
	// it has and to say where it stopped; 20 s.
	Reserve time.Duration
	// BudgetMicros is what the run's paid requests may cost, in millionths of a US
	// dollar; 0: there is no bound.
	BudgetMicros int64
	Logger       *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Summary is what a run did.
type Summary struct {
	Source    string    `json:"source"`
	Scheduled time.Time `json:"scheduled"`
	// Scopes were to be read, Read of them were to the end, without any gap; Unread were
	// not begun when the time was up.
	Scopes int `json:"scopes"`
	Read   int `json:"read"`
	Unread int `json:"unread"`
	// Events were published, those that tell of the run itself among them; Rejected
	// went to the dead-letter queue.
	Events   int64 `json:"events"`
	Rejected int64 `json:"rejected,omitempty"`
	// Completions is how many parts were read to their end.
	Completions int          `json:"completions"`
	Gaps        []Gap        `json:"gaps,omitempty"`
	Counts      meter.Counts `json:"counts"`
	Seconds     float64      `json:"seconds"`
}

// run is a run under way.
type run struct {
	cfg   RunConfig
	roles map[string]string
	// units are the ARNs of an account's organisational units, nearest first, and of its
	// organisation.
	units map[string][]string
	meter meter.Meter
	spent atomic.Int64
	// emitted are the events that completions speak of.
	emitted emitted

	mu          sync.Mutex
	summary     Summary
	completions []completion
}

// Run reads every scope, several at once, publishes what they hold, and says what was
// read to its end and what was not. Errors of a scope are gaps in the summary; the
// error is the emitter's, or that the run was cut short for good. The summary is right
// in any case.
func Run(ctx context.Context, cfg RunConfig) (Summary, error) {
	r, err := newRun(cfg)
	if err != nil {
		return Summary{}, err
	}
	began := r.cfg.Now()
	scopes := r.cfg.Collector.Scopes(r.cfg.Accounts, r.cfg.Regions)
	r.summary.Scopes = len(scopes)
	// Not always the same scopes are the last: those that the time does not reach.
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
	r.settle()
	if err == nil {
		err = context.Cause(ctx) // what scopes say then is that they were interrupted
	}
	if err == nil {
		err = r.tell(ctx, observed, began, scopes)
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
			r.units[a.ID] = append(slices.Clone(a.Units), a.Organisation)
		}
	}
	r.summary = Summary{Source: cfg.Collector.Source(), Scheduled: cfg.Scheduled}
	return r, nil
}

// readingTime ends a little before the run's own time does.
func (r *run) readingTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-r.cfg.Reserve), errDeadline)
}

// scope reads one scope. Its error is one that ends the run.
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
	if isEmitters(err) {
		return err
	}
	return nil
}

// collect is Collect, save that a panic is an error: it concerns no other scope.
func (r *run) collect(ctx context.Context, s *Scan) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the collector panics: %v", v)
			r.cfg.Logger.ErrorContext(ctx, "the collector panics", slog.String("source", r.summary.Source), slog.String("account_id", s.Account.ID),
				slog.String("region", s.Region), slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
		}
	}()
	return r.cfg.Collector.Collect(ctx, s)
}

// unread notes a scope that was not begun.
func (r *run) unread(ctx context.Context, s *Scan) error {
	if !errors.Is(context.Cause(ctx), errDeadline) {
		return context.Cause(ctx) // somebody ended the run, or another scope did
	}
	s.Gap(ctx, "", errDeadline)
	r.mu.Lock()
	r.summary.Unread++
	r.mu.Unlock()
	r.add(s)
	return nil
}

// add takes what a scope found.
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
		if s.believed(c) {
			r.completions = append(r.completions, c)
		}
	}
}

// settle puts what the scopes found in order: they end in any.
func (r *run) settle() {
	slices.SortFunc(r.summary.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region), cmp.Compare(a.What, b.What))
	})
	slices.SortFunc(r.completions, func(a, b completion) int {
		return cmp.Or(cmp.Compare(a.accountID, b.accountID), cmp.Compare(a.region, b.region), cmp.Compare(a.resourceType, b.resourceType),
			a.from.Compare(b.from), a.to.Compare(b.to), cmp.Compare(a.bill.Source, b.bill.Source), cmp.Compare(a.bill.Delivery, b.bill.Delivery))
	})
	// What every region's scope can list for all regions is complete once.
	r.completions = slices.Compact(r.completions)
}

// spend counts a price, unless that would pass the budget.
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
