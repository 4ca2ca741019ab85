package consumer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"

	"polo/envelope"
	"polo/internal/queue"
	"polo/schema"
)

// Sink takes rows. Its errors match one of the two below. Safe for concurrent
// use, and it retries nothing itself.
type Sink interface {
	// Insert writes rows as one block and returns once it is acknowledged in
	// every table. The same rows come with the same token.
	Insert(ctx context.Context, rows *schema.Rows, token string) error
	// Refused tells whether err speaks of the rows themselves, so that trying
	// again is vain; every other error is an outage.
	Refused(err error) bool
}

// Config is what a Consumer needs.
type Config struct {
	Sink       Sink
	DeadLetter queue.Sender
	// QueueName is the Origin of failures.
	QueueName string
	// Bounds limit a message; the zero value means envelope.DefaultBounds.
	Bounds envelope.Bounds
	// InsertRetry is how long a batch's insert is tried again before the whole
	// batch fails; it also ends with the context.
	InsertRetry time.Duration
	// Now is the clock of failures; nil means time.Now.
	Now    func() time.Time
	Logger *slog.Logger
}

// Consumer processes batches of messages. Safe for concurrent use; each batch
// under way has a scratch of its own.
type Consumer struct {
	cfg     Config
	scratch chan *scratch
}

// scratch is what one batch needs and the next can reuse.
type scratch struct {
	decoder *envelope.Decoder
	rows    *schema.Rows
	packs   []*envelope.Pack
}

// pack is the memory for the i-th message of a batch.
func (s *scratch) pack(i int) *envelope.Pack {
	for len(s.packs) <= i {
		s.packs = append(s.packs, &envelope.Pack{})
	}
	return s.packs[i]
}

// New makes a Consumer.
func New(cfg Config) (*Consumer, error) {
	switch {
	case cfg.Sink == nil:
		return nil, errors.New("making the consumer: no sink")
	case cfg.DeadLetter == nil:
		return nil, errors.New("making the consumer: no dead-letter queue")
	}
	if cfg.Bounds == (envelope.Bounds{}) {
		cfg.Bounds = envelope.DefaultBounds()
	}
	if cfg.InsertRetry == 0 {
		cfg.InsertRetry = 30 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Consumer{cfg: cfg, scratch: make(chan *scratch, 16)}, nil
}

// Verdict is what becomes of a message.
type Verdict uint8

const (
	// Retry leaves it on the queue; it will be delivered again. It is the zero
	// value, so that a message nobody judged is never deleted.
	Retry Verdict = iota
	// Done deletes it: each of its events is acknowledged by ClickHouse, or by the
	// dead-letter queue as a failure.
	Done
)

// Report is what became of a batch.
type Report struct {
	// Verdicts has one entry per message, in the order given.
	Verdicts []Verdict
	// Messages, Events: what was decoded. Inserted: rows acknowledged by
	// ClickHouse. Duplicates: events that another of the batch stands for.
	Messages, Events, Inserted, Duplicates int
	// DeadLettered counts failures that the dead-letter queue acknowledged, by
	// reason.
	DeadLettered map[queue.Reason]int
}

// Process brings one batch of messages into ClickHouse. An error means that
// nothing of the batch may be deleted: an outage (see Sink), the context's end,
// or a dead-letter queue that cannot be reached while every message needs it.
func (c *Consumer) Process(ctx context.Context, messages []queue.Message) (Report, error) {
	report := Report{Verdicts: make([]Verdict, len(messages)), Messages: len(messages), DeadLettered: map[queue.Reason]int{}}
	if len(messages) == 0 {
		return report, nil
	}
	s, err := c.take()
	if err != nil {
		return report, err
	}
	defer c.put(s)

	b := newBatch(c, messages)
	b.decode(s)
	b.dedup()
	report.Events, report.Duplicates = b.events, b.duplicates
	if report.Inserted, err = b.insert(ctx, s.rows); err != nil {
		return report, err
	}
	// The good events are safe. Only now is it told what failed, so that a
	// dead-letter queue out of reach costs a redelivery, and no neighbour.
	undelivered := b.sendFailures(ctx, report.DeadLettered)
	for i := range messages {
		if !undelivered[i] {
			report.Verdicts[i] = Done
		}
	}
	if len(undelivered) == len(messages) {
		return report, fmt.Errorf("sending failures to the dead-letter queue: %w", b.sendErr)
	}
	return report, nil
}

func (c *Consumer) take() (*scratch, error) {
	select {
	case s := <-c.scratch:
		return s, nil
	default:
	}
	d, err := envelope.NewDecoder(c.cfg.Bounds)
	if err != nil {
		return nil, err
	}
	return &scratch{decoder: d, rows: schema.NewRows()}, nil
}

func (c *Consumer) put(s *scratch) {
	s.rows.Reset()
	for _, p := range s.packs {
		p.Reset()
	}
	select {
	case c.scratch <- s:
	default:
	}
}

// retry is the one layer that tries an insert again.
func (c *Consumer) retry(ctx context.Context) backoff.BackOff {
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(100*time.Millisecond),
		backoff.WithMaxInterval(5*time.Second),
		backoff.WithMaxElapsedTime(c.cfg.InsertRetry),
	)
	return backoff.WithContext(b, ctx)
}
