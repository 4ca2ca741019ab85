package ingest

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/exchange"
	"polo/producers/recording"
)

// run reads the exchanges of one reader that were recorded in one run, the first of them at a time.
func (c *collection) run(ctx context.Context, name string, reader *exchange.Reader, at time.Time, members []exchange.Exchange, rank time.Duration) error {
	to := &fileEmitter{c: c, name: name}
	if at.IsZero() {
		if at = c.At; at.IsZero() {
			at = recording.Undated()
			to.undated = at
		}
	}
	at = at.UTC().Truncate(time.Second)
	collector := reader.New(members, to.leave)
	var accounts []account.Account
	if id := c.Accounts[producers.PlatformOf(collector.Source())]; id != "" {
		accounts = append(accounts, account.Account{ID: id})
	}
	sum, err := producers.Run(ctx, producers.RunConfig{
		Collector: collector, Accounts: accounts, Recorded: true, Scheduled: at, Emitter: to, Identity: c.Identity,
		Workers: 1, // so that failures come in the same order on every run
		Now:     func() time.Time { return at.Add(rank) },
	})
	if err != nil {
		return err
	}
	for _, g := range sum.Gaps {
		reason := string(g.Reason)
		if g.Reason == producers.GapInvalid {
			reason += ": " + g.Error // which member of the answer it is
		}
		l := exchange.Left{Why: exchange.WhyGap + " (" + reason + ")", Call: strings.TrimSpace(sum.Source + " " + cmp.Or(g.What, g.AccountID)), Count: 1}
		c.sum.leave(l, name)
	}
	if to.outcomes == 0 && len(sum.Gaps) == 0 {
		for i := range members {
			c.sum.leave(exchange.Left{Why: exchange.WhyNothing, Call: exchange.Call(&members[i]), Count: 1}, name)
		}
	}
	c.sum.Events += to.events
	if to.isUndated {
		c.sum.Undated += len(members)
	}
	return nil
}

// fileEmitter is the emitter of a run that reads a file. Failures are the file's.
type fileEmitter struct {
	c    *collection
	name string
	// undated is the time of events that have none; zero if they have one.
	undated time.Time

	mu sync.Mutex
	// outcomes counts what the run came to: events, failures, and what was left.
	outcomes, events int
	// isUndated means that an event has the time undated.
	isUndated bool
}

// Emit implements producers.Emitter.
func (f *fileEmitter) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcomes += len(events)
	f.events += len(events)
	for i := range events {
		f.isUndated = f.isUndated || events[i].TS.Equal(f.undated)
	}
	return f.c.rejects.Emit(ctx, f.c.emitter.Emit, f.c.place(f.name, len(events)), events...)
}

// Reject implements producers.Emitter.
func (f *fileEmitter) Reject(_ context.Context, failure queue.Failure) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcomes++
	if failure.Origin != "" && !strings.HasPrefix(failure.Origin, f.name) {
		failure.Origin = f.name + "#" + failure.Origin
	}
	failure.Count(f.c.sum.Rejected)
	f.c.rejects.Add(f.c.place(f.name, 1), failure)
	return nil
}

// Flush implements producers.FlushingEmitter.
func (f *fileEmitter) Flush(ctx context.Context) error { return f.c.emitter.Flush(ctx) }

func (f *fileEmitter) leave(l exchange.Left) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcomes++
	f.c.sum.leave(l, f.name)
}

var _ producers.FlushingEmitter = (*fileEmitter)(nil)
