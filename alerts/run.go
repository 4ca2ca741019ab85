package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"polo/alerts/channel"
	"polo/alerts/route"
	"polo/envelope"
	"polo/schema/alerts"
	"polo/schema/queries"
)

// Store reads ClickHouse. Each method answers from what has arrived there.
type Store interface {
	// Turns returns the latest finished run, and the claims after it that have no end.
	Turns(ctx context.Context) (Turns, error)
	// Statuses returns every status that is pending or under way, and the end of each episode that was resolved since a time.
	Statuses(ctx context.Context, since time.Time) ([]Status, error)
	// Notifications returns those of the episodes of Statuses: of each episode, channel and transition the one of the highest repetition, and of
	// those the one that went furthest: sent, silenced, failed, intended.
	Notifications(ctx context.Context, since time.Time) ([]Notification, error)
	// Silences returns those that hold at a time.
	Silences(ctx context.Context, at time.Time) ([]Silence, error)
	// Arrived counts the events of a run, observed since a time, without its claim and notifications that are but intended.
	Arrived(ctx context.Context, run string, since time.Time) (int, error)
	// Answer runs an alert's query, HasData the one that says whether there is anything to judge.
	Answer(ctx context.Context, q queries.Bound) (queries.Answer, error)
	HasData(ctx context.Context, sql string) (bool, error)
}

// Journal publishes events. When Publish returns nil, the queue has acknowledged all of them.
type Journal interface {
	Publish(ctx context.Context, events ...envelope.ResourceEvent) error
}

// Config is what a Runner needs. A zero duration means the default given here.
type Config struct {
	Store   Store
	Journal Journal
	// Alerts are the catalogue.
	Alerts   []alerts.Alert
	Routes   *route.Config
	Channels map[string]channel.Channel
	// Interval is the time between two evaluations, 5 minutes.
	Interval time.Duration
	// Lease is the most that a run takes, 4 minutes; it must be at least the function's timeout.
	Lease time.Duration
	// Arrival is the longest that events may take to ClickHouse, 75 seconds.
	Arrival time.Duration
	// QueryTime bounds an alert's query, 40 seconds.
	QueryTime time.Duration
	// Now is the clock; Token makes a run's token, which no other run has.
	Now   func() time.Time
	Token func() string
	Log   *slog.Logger
}

// Runner evaluates alerts. One Run at a time.
type Runner struct {
	cfg     Config
	enabled []enabled
	byID    map[string]alerts.Alert
}

// enabled is an alert that is evaluated, and the configured values of its parameters.
type enabled struct {
	alert  alerts.Alert
	values map[string]string
}

// remembered is how long the end of an episode is looked at: longer than any silence. What could not be told within it is not told.
const remembered = 32 * 24 * time.Hour

// MostAhead is how far ahead of the clock a run may be scheduled. What was evaluated for a time is not evaluated again, so a run that is
// years ahead would stop all others.
const MostAhead = 10 * time.Minute

// reserve is the part of the lease for publishing how the run ended.
const reserve = 10 * time.Second

// New checks the configuration. The error joins every fault.
func New(cfg Config) (*Runner, error) {
	for at, value := range map[*time.Duration]time.Duration{
		&cfg.Interval: 5 * time.Minute, &cfg.Lease: 4 * time.Minute, &cfg.Arrival: 75 * time.Second, &cfg.QueryTime: 40 * time.Second,
	} {
		if *at <= 0 {
			*at = value
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{cfg: cfg, byID: map[string]alerts.Alert{}}
	var faults []error
	for _, a := range cfg.Alerts {
		r.byID[a.ID] = a
		settings := cfg.Routes.Alerts[a.ID]
		if settings.Enabled != nil && !*settings.Enabled {
			continue
		}
		if _, err := a.Bind(settings.Values, cfg.Now()); err != nil {
			faults = append(faults, err)
		}
		r.enabled = append(r.enabled, enabled{a, settings.Values})
	}
	return r, errors.Join(faults...)
}

func (r *Runner) now() time.Time { return r.cfg.Now().UTC().Truncate(time.Millisecond) }

func (r *Runner) repeat(alert string) time.Duration { return r.byID[alert].Repeat }

func (r *Runner) groupBy(alert string) []string { return r.byID[alert].GroupBy }

func (r *Runner) text(alert string) string { return r.byID[alert].Text }

func (r *Runner) runbook(alert string) string {
	if a := r.byID[alert]; a.Runbook != "" && r.cfg.Routes.Runbook != "" {
		return r.cfg.Routes.Runbook + "#" + a.Runbook
	}
	return ""
}

// Run evaluates every alert for a scheduled time, and sends what is due. An Outcome that yielded is no error: another run has the turn, or had it.
// After an error nothing is lost: the next run finds what this one left.
func (r *Runner) Run(ctx context.Context, scheduled time.Time) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Lease-reserve)
	defer cancel()
	if scheduled.After(r.now().Add(MostAhead)) {
		return Outcome{}, fmt.Errorf("the scheduled time %s is ahead of the clock", scheduled.UTC().Format(time.RFC3339))
	}
	c := Claim{Run: r.cfg.Token(), Scheduled: scheduled.UTC().Truncate(time.Millisecond), At: r.now(), Lease: r.cfg.Lease}
	turns, err := r.cfg.Store.Turns(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if !c.Scheduled.After(turns.Evaluated) {
		return Outcome{Yielded: true}, nil
	}
	decided, err := r.claim(ctx, c)
	var m memory
	if err == nil && decided != yield {
		m, err = r.recall(ctx, c)
	}
	if err != nil || decided == yield { // nothing was sent: who comes next need not doubt it
		o := Outcome{Yielded: true}
		return o, errors.Join(err, r.cfg.Journal.Publish(context.WithoutCancel(ctx), c.ended(o, r.now())))
	}
	return r.act(ctx, c, m, decided != exclusive)
}

// act evaluates and sends. unknown reports that what earlier runs sent may not be known.
func (r *Runner) act(ctx context.Context, c Claim, m memory, unknown bool) (Outcome, error) {
	asking, cancel := r.before(ctx, r.cfg.Arrival+sendTime)
	all := r.evaluate(asking, c.Scheduled)
	cancel()
	changes := r.advance(m.statuses, all, c.Scheduled)
	send, silenced := r.due(m, r.now(), unknown)
	groups := r.groups(send, m.book)
	o := Outcome{Alerts: len(all), Repeated: unknown, Silenced: len(silenced), Events: len(changes) + len(silenced) + len(send)}
	for _, f := range all {
		if f.failed {
			o.Errors++
		}
	}
	for _, s := range m.statuses {
		if s.State.open() {
			o.Open++
		}
	}
	var events []envelope.ResourceEvent
	for _, x := range changes {
		events = append(events, x.to.transitioned(c.Run, x.from, r.now()))
	}
	for _, d := range silenced {
		events = append(events, d.notified(c.Run))
	}
	for i := range groups {
		for j := range groups[i].all {
			d := &groups[i].all[j]
			d.Message, d.MessageKey = groups[i].id, groups[i].key
			events = append(events, d.notified(c.Run))
			m.book.put(d.Notification)
		}
	}
	// What is about to be sent is acknowledged by the queue first: after a crash the next run knows of it.
	if err := r.cfg.Journal.Publish(ctx, events...); err != nil {
		return o, fmt.Errorf("publishing what is about to be sent: %w", err)
	}
	for i, g := range groups {
		groups[i].message = r.message(g, r.openOf(g, m), c.Scheduled)
	}
	var outcomes []envelope.ResourceEvent
	sending, cancel := r.before(ctx, r.cfg.Arrival)
	defer cancel()
	r.send(sending, groups, func(d delivered) {
		for _, x := range d.group.all {
			n := d.outcome(x.Notification)
			n.Changed = r.after(x.Changed)
			if n.Delivery == Sent {
				o.Sent++
			} else {
				o.Failed++
			}
			outcomes = append(outcomes, n.notified(c.Run))
		}
	})
	if err := r.cfg.Journal.Publish(context.WithoutCancel(ctx), outcomes...); err != nil {
		return o, fmt.Errorf("publishing what was sent: %w", err)
	}
	return o, r.end(ctx, c, o)
}

// sendTime is what evaluations leave for sending.
const sendTime = time.Minute

// before returns a context that ends so long before ctx does: one slow part leaves time for those after it.
func (r *Runner) before(ctx context.Context, left time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-left))
}

// end publishes the run's end once the rest of it has arrived, so that who sees the end sees all.
func (r *Runner) end(ctx context.Context, c Claim, o Outcome) error {
	var last error
	err := r.await(ctx, func() (bool, error) {
		var n int
		if n, last = r.cfg.Store.Arrived(ctx, c.Run, c.At); last != nil {
			return false, nil // one question that fails is not the end
		}
		return n >= o.Events, nil //mutant:ends-before-arrival
	})
	if err != nil {
		return fmt.Errorf("waiting for the run's own events: %w", errors.Join(err, last))
	}
	if err := r.cfg.Journal.Publish(ctx, c.ended(o, r.now())); err != nil {
		return fmt.Errorf("publishing the run's end: %w", err)
	}
	return nil
}

// memory is what earlier runs left: statuses by fingerprint, the ends of episodes, notifications, and the silences that hold.
type memory struct {
	statuses map[string]Status
	ends     []Status
	book     book
	silences []Silence
}

func (r *Runner) recall(ctx context.Context, c Claim) (memory, error) {
	since := c.Scheduled.Add(-remembered)
	all, err := r.cfg.Store.Statuses(ctx, since)
	if err != nil {
		return memory{}, fmt.Errorf("reading the states: %w", err)
	}
	notifications, err := r.cfg.Store.Notifications(ctx, since)
	if err != nil {
		return memory{}, fmt.Errorf("reading the notifications: %w", err)
	}
	m := memory{statuses: map[string]Status{}, book: newBook(notifications)}
	if m.silences, err = r.cfg.Store.Silences(ctx, r.now()); err != nil {
		return memory{}, fmt.Errorf("reading the silences: %w", err)
	}
	for _, s := range all {
		s.Labels = r.ordered(s)
		if s.State == Resolved {
			m.ends = append(m.ends, s)
			continue
		}
		m.statuses[s.ID] = s
	}
	return m, nil
}

// ordered returns the labels in the alert's order.
func (r *Runner) ordered(s Status) []channel.Pair {
	var out []channel.Pair
	for _, c := range r.byID[s.Alert].Labels {
		for _, l := range s.Labels {
			if l.Name == c.Name {
				out = append(out, l)
			}
		}
	}
	if len(out) != len(s.Labels) { // a condition, or of another version of the alert
		return s.Labels
	}
	return out
}

// openOf counts the episodes under way that the receiver of a group's message knows by its key.
func (r *Runner) openOf(g group, m memory) int {
	n := 0
	for _, s := range m.statuses {
		if s.State.open() && m.book.key(s.Episode(), g.channel) == g.key {
			n++
		}
	}
	return n
}
