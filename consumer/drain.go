package consumer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"polo/internal/queue"
)

// DrainConfig configures a Drain.
type DrainConfig struct {
	Queue queue.Receiver
	// Workers is the number of batches in flight at once.
	Workers int
	// BatchBytes and BatchMessages bound a batch: it is flushed when it reaches either, or when the
	// queue is empty. Linger is how long a batch that is not full waits for more, like an event
	// source mapping's batching window: few large inserts cost ClickHouse far less than many small
	// ones.
	BatchBytes, BatchMessages int
	Linger                    time.Duration
	// Wait is the long-poll wait of one receive, at most 20 s.
	Wait time.Duration
	// Visibility is the queue's visibility timeout. A batch has less time than that, so that no
	// other consumer receives its messages meanwhile.
	Visibility time.Duration
	Logger     *slog.Logger
}

func (c DrainConfig) withDefaults() DrainConfig {
	setDefault(&c.Workers, 2)
	setDefault(&c.BatchBytes, 6<<20)
	setDefault(&c.BatchMessages, 200)
	setDefault(&c.Wait, 5*time.Second)
	setDefault(&c.Visibility, 2*time.Minute)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Totals counts what a Drain has done so far.
type Totals struct {
	// DeadLettered counts letters; Failed counts by reason the failures they stand for.
	Messages, Events, Inserted, Duplicates, DeadLettered int64
	Failed                                               map[queue.Reason]int64
}

// Drain receives messages from a queue and gives them to a Consumer until its context ends.
type Drain struct {
	c   *Consumer
	cfg DrainConfig

	stopLingering     chan struct{} // closed by StopLingering
	stopLingeringOnce sync.Once

	breaker breaker

	messages, events, inserted, duplicates, deadLettered atomic.Int64

	mu     sync.Mutex
	failed map[queue.Reason]int64
}

// NewDrain returns a Drain that uses c.
func NewDrain(c *Consumer, cfg DrainConfig) *Drain {
	return &Drain{c: c, cfg: cfg.withDefaults(), stopLingering: make(chan struct{}), failed: map[queue.Reason]int64{}}
}

// StopLingering ends lingering now and for good, because nothing more will be sent.
func (d *Drain) StopLingering() { d.stopLingeringOnce.Do(func() { close(d.stopLingering) }) }

// Totals is safe to call at any time.
func (d *Drain) Totals() Totals {
	d.mu.Lock()
	failed := maps.Clone(d.failed)
	d.mu.Unlock()
	return Totals{
		Failed:   failed,
		Messages: d.messages.Load(), Events: d.events.Load(), Inserted: d.inserted.Load(),
		Duplicates: d.duplicates.Load(), DeadLettered: d.deadLettered.Load(),
	}
}

// Run drains until ctx ends, and finishes what is in flight. It returns nil, or the first error
// that waiting does not resolve, such as a missing queue.
func (d *Drain) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range d.cfg.Workers {
		workers.Go(func() {
			if err := d.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// work runs one worker: receive, process, ack or nack. During a ClickHouse outage it does not
// receive, because each receive counts toward a message's redrive limit.
func (d *Drain) work(ctx context.Context) error {
	var pause pause
	for {
		probe, err := d.breaker.enter(ctx)
		if err != nil {
			return nil // stopped
		}
		if probe {
			if err := d.c.cfg.Sink.Ping(ctx); err != nil {
				d.breaker.leave(probe, true)
				d.cfg.Logger.WarnContext(ctx, "ClickHouse is still unreachable", slog.String("error", err.Error()))
				continue
			}
		}
		batch, started, receiveErr := d.receive(ctx, probe)
		if len(batch) > 0 {
			// The batch in flight is finished even if ctx has ended.
			err = d.flush(context.WithoutCancel(ctx), batch, started)
		}
		d.breaker.leave(probe, err != nil)
		if err != nil {
			d.cfg.Logger.WarnContext(ctx, "draining backs off", slog.String("error", err.Error()))
		}
		switch {
		case receiveErr == nil:
			pause.reset()
		case ctx.Err() != nil:
		case !errors.Is(receiveErr, queue.ErrTransient):
			return fmt.Errorf("receiving from the queue: %w", receiveErr)
		default:
			d.cfg.Logger.WarnContext(ctx, "receiving backs off", slog.String("error", receiveErr.Error()))
			pause.wait(ctx)
		}
	}
}

// receive takes messages until a batch is full or the queue is empty. Messages received before an
// error are returned with it. A probe makes one request.
func (d *Drain) receive(ctx context.Context, probe bool) (batch []queue.Message, started time.Time, err error) {
	size, wait, lingered := 0, d.cfg.Wait, d.cfg.Linger <= 0
	for size < d.cfg.BatchBytes && len(batch) < d.cfg.BatchMessages {
		got, err := d.cfg.Queue.Receive(ctx, min(10, d.cfg.BatchMessages-len(batch)), wait)
		if len(batch) == 0 {
			started = time.Now()
		}
		if err != nil {
			return batch, started, err
		}
		if len(got) == 0 {
			if len(batch) == 0 || lingered {
				break
			}
			d.linger(ctx, started)
			lingered = true
		}
		for i := range got {
			size += len(got[i].Body)
		}
		batch = append(batch, got...)
		if probe {
			break
		}
		wait = 0
		if time.Since(started) > d.cfg.Visibility/4 {
			break
		}
	}
	return batch, started, nil
}

// linger waits for the rest of a batch. It sends no request meanwhile, because every request costs
// money.
func (d *Drain) linger(ctx context.Context, started time.Time) {
	select {
	case <-ctx.Done():
	case <-d.stopLingering:
	case <-time.After(time.Until(started.Add(d.cfg.Linger))):
	}
}

// flush processes a batch, and acks or nacks each message. It returns Process's error; a failed ack
// only costs a redelivery.
func (d *Drain) flush(ctx context.Context, batch []queue.Message, started time.Time) error {
	report, err := d.process(ctx, batch, started) //mutant:deleted-before-inserted
	var acked []string
	var nacked []queue.Message
	for i, v := range report.Verdicts {
		if v == Ack {
			acked = append(acked, batch[i].Receipt)
		} else {
			nacked = append(nacked, batch[i])
		}
	}
	d.messages.Add(int64(len(acked)))
	d.events.Add(int64(report.Events))
	d.inserted.Add(int64(report.Inserted))
	d.duplicates.Add(int64(report.Duplicates))
	for _, n := range report.DeadLettered {
		d.deadLettered.Add(int64(n))
	}
	d.mu.Lock()
	for reason, n := range report.Failed {
		d.failed[reason] += n
	}
	d.mu.Unlock()
	if failed := errors.Join(queue.DeleteAll(ctx, d.cfg.Queue, acked, queue.Retry{}), d.nack(ctx, nacked)); failed != nil {
		d.cfg.Logger.WarnContext(ctx, "ack or nack failed; messages will be redelivered", slog.String("error", failed.Error()))
	}
	return err
}

// process keeps the batch invisible to other consumers while it runs, and stops when that is no
// longer certain.
func (d *Drain) process(ctx context.Context, batch []queue.Message, started time.Time) (Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	var beat sync.WaitGroup
	defer beat.Wait()
	defer cancel()
	receipts := make([]string, len(batch))
	for i := range batch {
		receipts[i] = batch[i].Receipt
	}
	beat.Go(func() { d.heartbeat(ctx, cancel, receipts, started) })
	return d.c.Process(ctx, batch)
}

// heartbeat extends the visibility of a batch in flight before it expires. If the queue refuses,
// the work is cancelled in time: other consumers may receive the messages, which is harmless but
// wasteful.
func (d *Drain) heartbeat(ctx context.Context, cancel func(), receipts []string, started time.Time) {
	until := started.Add(d.cfg.Visibility)
	tick := time.NewTicker(d.cfg.Visibility / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			err := queue.ExtendAll(ctx, d.cfg.Queue, receipts, d.cfg.Visibility, queue.Retry{MaxElapsed: d.cfg.Visibility / 6})
			switch {
			case ctx.Err() != nil:
				return
			case err == nil:
				until = now.Add(d.cfg.Visibility)
			case time.Until(until) < d.cfg.Visibility/3:
				d.cfg.Logger.WarnContext(ctx, "extending the visibility of messages in flight failed; their batch is given up", slog.String("error", err.Error()))
				cancel()
				return
			}
		}
	}
}

// nack makes messages visible again after a backoff that grows with their receive count. Jitter
// keeps them from being redelivered all at once.
func (d *Drain) nack(ctx context.Context, messages []queue.Message) error {
	groups := map[time.Duration][]string{}
	for i := range messages {
		after := min(time.Second<<min(messages[i].ReceiveCount, 10), 15*time.Minute)
		after = (after/2 + rand.N(after/2)).Truncate(time.Second) + time.Second
		groups[after] = append(groups[after], messages[i].Receipt)
	}
	var errs []error
	for after, receipts := range groups {
		errs = append(errs, queue.ExtendAll(ctx, d.cfg.Queue, receipts, after, queue.Retry{MaxElapsed: 5 * time.Second}))
	}
	return errors.Join(errs...)
}

// pause is the growing, jittered backoff of a worker whose receives fail.
type pause struct{ last time.Duration }

func (p *pause) wait(ctx context.Context) {
	p.last = min(max(2*p.last, 200*time.Millisecond), 30*time.Second)
	select {
	case <-ctx.Done():
	case <-time.After(p.last/2 + rand.N(p.last/2)):
	}
}

func (p *pause) reset() { p.last = 0 }
