package consumer

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/schema"
)

// Sink inserts rows. Its errors are of two kinds: see Refused. It is safe for concurrent use, and
// does not retry.
type Sink interface {
	// Insert writes rows as one block, and returns once every table has acknowledged it. A retry of
	// the same rows has the same token.
	Insert(ctx context.Context, rows *schema.Rows, token string) error
	// Refused reports whether err is about the rows themselves, so that a retry is useless; every
	// other error is an outage.
	Refused(err error) bool
	// Ping reports whether ClickHouse answers, at almost no cost to it.
	Ping(ctx context.Context) error
}

// Config configures a Consumer.
type Config struct {
	Sink       Sink
	DeadLetter queue.Sender
	// Bounds limit a message; the zero value means envelope.DefaultBounds.
	Bounds envelope.Bounds
	// Portion bounds the bytes of JSON that are decoded and inserted at once; 64 MiB by default.
	// Dense messages unpack to many times their size, so a process with little memory needs a
	// smaller portion.
	Portion int
	// InsertRetry is how long an insert is retried before the whole batch fails. The context's end
	// also stops it.
	InsertRetry time.Duration
	// Retention returns the queue's retention. During an outage, a message in the last tenth of it
	// goes to the dead-letter queue, so that the queue does not drop it. With nil or 0, no message
	// does.
	Retention func() time.Duration
	// Crashes records what was in flight when the process crashed; nil records nothing.
	Crashes *CrashLog
	// Now is the clock for failures; nil means time.Now.
	Now    func() time.Time
	Logger *slog.Logger
}

// Consumer processes batches of messages. It is safe for concurrent use; each batch in flight has a
// scratch of its own.
type Consumer struct {
	cfg        Config
	quarantine *quarantine
	scratch    chan *scratch
}

// New returns a Consumer.
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
	setDefault(&cfg.InsertRetry, 30*time.Second)
	setDefault(&cfg.Portion, 64<<20) //mutant:decoded-all-at-once
	if cfg.Retention == nil {
		cfg.Retention = func() time.Duration { return 0 }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Consumer{
		cfg: cfg, scratch: make(chan *scratch, 16),
		quarantine: &quarantine{log: cfg.Crashes, logger: cfg.Logger},
	}, nil
}

// Process inserts one batch of messages into ClickHouse. It returns an error for an outage (see
// Sink), the context's end, or an unreachable dead-letter queue when every message of a portion
// needs it: the caller should back off. The verdicts are right in any case.
//
// A message that was in flight in a crash is tried alone, after the others are safe.
func (c *Consumer) Process(ctx context.Context, messages []queue.Message) (Report, error) {
	report := newReport(len(messages))
	if len(messages) == 0 {
		return report, nil
	}
	s, err := c.take()
	if err != nil {
		return report, err
	}
	defer c.put(s)
	together, suspects := c.quarantine.sort(messages)
	err = c.portions(ctx, s, messages, together, &report)
	for _, i := range suspects {
		if err != nil || ctx.Err() != nil {
			break // messages without a verdict are redelivered
		}
		err = c.portions(ctx, s, messages, []int{i}, &report)
	}
	if err = cmp.Or(err, report.unsent); err != nil {
		c.rescueExpiring(ctx, messages, &report)
	}
	return report, err
}

// portions processes the messages at the given places, one portion after another. A message that
// makes the code panic is tried alone and does not affect the others. Nor do failures that cannot
// be sent: those are in the report.
func (c *Consumer) portions(ctx context.Context, s *scratch, messages []queue.Message, places []int, report *Report) error {
	pending := [][]int{places}
	for len(pending) > 0 {
		places, pending = pending[0], pending[1:]
		if len(places) == 0 {
			continue
		}
		p, err := c.portion(ctx, s, at(messages, places))
		var panicked *panicError
		if errors.As(err, &panicked) {
			c.cfg.Logger.ErrorContext(ctx, "a message makes the consumer panic; each is tried alone",
				slog.Int("messages", len(places)), slog.String("error", err.Error()))
			pending = append(slices.Collect(slices.Chunk(places, 1)), pending...)
			continue
		}
		report.add(p, places)
		switch {
		case errors.Is(err, errUnsent):
			report.unsent = err //mutant:letters-hold-up-portions
		case err != nil:
			return err
		}
		pending = append([][]int{places[len(p.messages):]}, pending...)
	}
	return nil
}

// at returns the messages at the given places.
func at(messages []queue.Message, places []int) []queue.Message {
	out := make([]queue.Message, len(places))
	for k, i := range places {
		out[k] = messages[i]
	}
	return out
}

// portion processes as many of the first messages as a portion holds: those of the portion
// returned. A panic over several messages returns a *panicError, and none of them is done. A panic
// over a single message becomes its failure.
func (c *Consumer) portion(ctx context.Context, s *scratch, messages []queue.Message) (*portion, error) {
	held := c.quarantine.hold(ctx, messages)
	p := newPortion(&c.cfg, messages)
	err := p.process(ctx, s, held, c.quarantine)
	held.release(ctx, err == nil)
	var panicked *panicError
	if !errors.As(err, &panicked) {
		return p, err
	}
	// A panic may have left work half done.
	if anew, problem := newScratch(c.cfg.Bounds); problem == nil {
		*s = *anew
	}
	if len(messages) > 1 { //mutant:panic-blames-batch
		return nil, err
	}
	p = newPortion(&c.cfg, messages)
	p.letters.fail(0, queue.ReasonCrashesConsumer, err, queue.UnitPack, []byte(messages[0].Body))
	return p, p.deadLetter(ctx)
}

// take returns memory for a batch; put returns it to the pool.
func (c *Consumer) take() (*scratch, error) {
	select {
	case s := <-c.scratch:
		return s, nil
	default:
	}
	return newScratch(c.cfg.Bounds)
}

func (c *Consumer) put(s *scratch) {
	s.reset(c.cfg.Portion)
	select {
	case c.scratch <- s:
	default:
	}
}
