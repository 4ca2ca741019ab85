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

// Sink takes rows. Its errors match one of the two below. Safe for concurrent
// use, and it retries nothing itself.
type Sink interface {
	// Insert writes rows as one block and returns once it is acknowledged in
	// every table. The same rows come with the same token.
	Insert(ctx context.Context, rows *schema.Rows, token string) error
	// Refused reports whether err concerns the rows themselves, so that trying
	// again is useless; every other error is an outage.
	Refused(err error) bool
	// Ping reports whether ClickHouse answers, at no cost to it.
	Ping(ctx context.Context) error
}

// Config is what a Consumer needs.
type Config struct {
	Sink       Sink
	DeadLetter queue.Sender
	// Bounds limit a message; the zero value means envelope.DefaultBounds.
	Bounds envelope.Bounds
	// Portion is how many bytes of JSON are decoded and inserted at once, 64 MiB: dense messages
	// hold many times what they weigh. Whoever has little memory takes less.
	Portion int
	// InsertRetry is how long a batch's insert is tried again before the whole
	// batch fails; it also ends with the context.
	InsertRetry time.Duration
	// Retention returns the queue's. In an outage, a message in the last tenth of it
	// goes to the dead-letter queue rather than be dropped; nil or 0: none ever does.
	Retention func() time.Duration
	// Crashes remembers what was in flight when the process crashed; nil: nothing
	// does.
	Crashes *CrashLog
	// Now is the clock of failures; nil means time.Now.
	Now    func() time.Time
	Logger *slog.Logger
}

// Consumer processes batches of messages. Safe for concurrent use; each batch
// in flight has a scratch of its own.
type Consumer struct {
	cfg        Config
	quarantine *quarantine
	scratch    chan *scratch
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
	setDefault(&cfg.InsertRetry, 30*time.Second)
	setDefault(&cfg.Portion, 64<<20)
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

// Process brings one batch of messages into ClickHouse. An error means an outage
// (see Sink), the context's end, or a dead-letter queue that cannot be reached
// while every message of a portion needs it: whoever called should slow down. The verdicts are
// right in any case.
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
			break // what is not judged is redelivered
		}
		err = c.portions(ctx, s, messages, []int{i}, &report)
	}
	if err = cmp.Or(err, report.unsent); err != nil {
		c.rescueExpiring(ctx, messages, &report)
	}
	return report, err
}

// portions processes the messages at the places given, a portion after the other. A message
// that makes the code panic is tried alone and concerns no other. Nor do failures that
// cannot be sent: those are in the report.
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
			report.unsent = err
		case err != nil:
			return err
		}
		pending = append([][]int{places[len(p.messages):]}, pending...)
	}
	return nil
}

// at returns the messages at the places given.
func at(messages []queue.Message, places []int) []queue.Message {
	out := make([]queue.Message, len(places))
	for k, i := range places {
		out[k] = messages[i]
	}
	return out
}

// portion processes the first of messages, as many as a portion holds: those of the portion
// returned. A panic over several is a *panicError, and none of them is done; one over a
// message alone makes a failure of it.
func (c *Consumer) portion(ctx context.Context, s *scratch, messages []queue.Message) (*portion, error) {
	held := c.quarantine.hold(ctx, messages)
	p := newPortion(&c.cfg, messages)
	err := p.process(ctx, s, held, c.quarantine)
	held.release(ctx, err == nil)
	var panicked *panicError
	if !errors.As(err, &panicked) {
		return p, err
	}
	// A panic may have left anything half done.
	if anew, problem := newScratch(c.cfg.Bounds); problem == nil {
		*s = *anew
	}
	if len(messages) > 1 {
		return nil, err
	}
	p = newPortion(&c.cfg, messages)
	p.letters.fail(0, queue.ReasonCrashesConsumer, err, queue.UnitPack, []byte(messages[0].Body))
	return p, p.deadLetter(ctx)
}

// take returns memory for a batch, which put gives back.
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
