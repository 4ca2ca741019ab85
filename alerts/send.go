package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"golang.org/x/sync/errgroup"

	"polo/alerts/channel"
)

const (
	// attemptTime bounds one request, attempts the requests for a message in a run; the next run tries again.
	attemptTime = 10 * time.Second
	attempts    = 4
	// channelsAtOnce is how many channels are sent to at a time. Each gets its messages one after the other.
	channelsAtOnce = 4
)

// delivered is how the sending of a group ended.
type delivered struct {
	group    group
	attempts int
	// marked reports whether the last request was marked as repeated.
	marked, uncertain bool
	err               error
}

// send sends a message for each group. Each outcome is passed to done, one at a time.
func (r *Runner) send(ctx context.Context, groups []group, done func(delivered)) {
	byChannel := map[string][]group{}
	for _, g := range groups {
		byChannel[g.channel] = append(byChannel[g.channel], g)
	}
	var mu sync.Mutex
	var all errgroup.Group
	all.SetLimit(channelsAtOnce)
	for name, of := range byChannel {
		all.Go(func() error {
			for _, g := range of {
				d := r.sendOne(ctx, r.cfg.Channels[name], g.message)
				d.group = g
				if d.err != nil {
					r.cfg.Log.ErrorContext(ctx, "a message about an alert was not sent",
						slog.String("channel", name), slog.String("alert", g.all[0].Alert), slog.Int("attempts", d.attempts), slog.String("error", d.err.Error()))
				}
				mu.Lock()
				done(d)
				mu.Unlock()
			}
			return nil
		})
	}
	_ = all.Wait() // none returns an error
}

// sendOne makes a few attempts. One after an attempt that may have arrived is marked as repeated.
func (r *Runner) sendOne(ctx context.Context, to channel.Channel, m channel.Message) delivered {
	var d delivered
	if to == nil {
		d.err = errors.New("the configuration has no such channel")
		return d
	}
	pauses := backoff.NewExponentialBackOff(backoff.WithInitialInterval(500*time.Millisecond), backoff.WithMaxInterval(5*time.Second))
	if deadline, ok := ctx.Deadline(); ok && r.now().Add(attemptTime).After(deadline) {
		d.err = errors.New("no time left in this run")
		return d
	}
	for {
		d.attempts++
		d.marked = m.Repeated
		attempt, cancel := context.WithTimeout(ctx, attemptTime)
		err := to.Send(attempt, m)
		cancel()
		d.err = err
		if err == nil {
			d.uncertain = false
			return d
		}
		var e *channel.Error
		known := errors.As(err, &e)
		if !known || e.Unknown {
			d.uncertain, m.Repeated = true, true //mutant:lost-answers-are-none
		}
		if known && e.Permanent || d.attempts == attempts || ctx.Err() != nil {
			return d
		}
		pause := pauses.NextBackOff()
		if known {
			pause = max(pause, e.RetryAfter)
		}
		if deadline, ok := ctx.Deadline(); ok && r.now().Add(pause+attemptTime).After(deadline) {
			d.err = fmt.Errorf("no time left for another attempt: %w", err)
			return d
		}
		select {
		case <-ctx.Done():
			return d
		case <-time.After(pause):
		}
	}
}

// outcome is what a notification of the group became.
func (d delivered) outcome(n Notification) Notification {
	n.Attempts, n.Marked = d.attempts, d.marked
	n.Delivery, n.Uncertain = Sent, false
	if d.err != nil {
		n.Delivery, n.Uncertain, n.Err = Failed, d.marked || d.uncertain, d.err.Error()
	}
	return n
}
