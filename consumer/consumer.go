package consumer

import (
	"cmp"
	"context"
	"errors"
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
	// Ping tells whether ClickHouse answers, at no cost to it.
	Ping(ctx context.Context) error
}

// Config is what a Consumer needs.
type Config struct {
	Sink       Sink
	DeadLetter queue.Sender
	// QueueName is the Origin of failures.
	QueueName string
	// Bounds limit a message; the zero value means envelope.DefaultBounds.
	Bounds envelope.Bounds
	// Portion is how many bytes of JSON are decoded and inserted at once, 64 MiB: dense messages
	// hold many times what they weigh. Whoever has little memory takes less.
	Portion int
	// InsertRetry is how long a batch's insert is tried again before the whole
	// batch fails; it also ends with the context.
	InsertRetry time.Duration
	// Retention is the queue's. In an outage, a message in the last tenth of it
	// goes to the dead-letter queue rather than be dropped; 0: none ever does.
	Retention time.Duration
	// Crashes remembers what was in hand when the process went down; nil: nothing
	// does.
	Crashes *CrashLog
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

// trim lets go of the packs' memory where it is more than a portion needs: dense packs at
// ever other places would leave memory at each.
func (s *scratch) trim(portion int) {
	held := 0
	for _, p := range s.packs {
		held += p.Held()
	}
	if held > 2*portion {
		s.packs = nil
	}
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
	// Failed counts by reason the messages and events that those stand for.
	Failed map[queue.Reason]int64
	// InsertTime is what inserting took, with all attempts and waits; Retries is how many
	// attempts were not the first.
	InsertTime time.Duration
	Retries    int

	// unsettled is why failures were not sent that all messages of a group had. The
	// other groups go on.
	unsettled error
}

// Process brings one batch of messages into ClickHouse. An error means an outage
// (see Sink), the context's end, or a dead-letter queue that cannot be reached
// while every message of a portion needs it: whoever called should slow down. The verdicts are
// right in any case.
//
// A message that the process went down with before is tried alone, after the
// others are safe.
func (c *Consumer) Process(ctx context.Context, messages []queue.Message) (Report, error) {
	report := Report{Verdicts: make([]Verdict, len(messages)), Messages: len(messages), DeadLettered: map[queue.Reason]int{}, Failed: map[queue.Reason]int64{}}
	if len(messages) == 0 {
		return report, nil
	}
	s, err := c.take()
	if err != nil {
		return report, err
	}
	defer c.put(s)
	var together, alone []int
	for i := range messages {
		if _, suspected := c.cfg.Crashes.suspected(messages[i].ID); suspected {
			alone = append(alone, i)
		} else {
			together = append(together, i)
		}
	}
	err = c.group(ctx, s, messages, together, &report)
	for _, i := range alone {
		if err != nil || ctx.Err() != nil {
			break // what is not judged returns to the queue
		}
		err = c.group(ctx, s, messages, []int{i}, &report)
	}
	if err = cmp.Or(err, report.unsettled); err != nil {
		c.saveFromRetention(ctx, messages, &report)
	}
	return report, err
}

// group processes the messages at the places given, by portions. One that makes the code
// panic concerns no other, nor do failures that cannot be sent: those are in the report.
func (c *Consumer) group(ctx context.Context, s *scratch, messages []queue.Message, places []int, report *Report) error {
	if len(places) == 0 {
		return nil
	}
	of := make([]queue.Message, len(places))
	ids := make([]string, len(places))
	for k, i := range places {
		of[k], ids[k] = messages[i], messages[i].ID
	}
	b := newBatch(c, of)
	hand := &hand{c: c, ids: ids}
	_, suspected := c.cfg.Crashes.suspected(ids[0])
	hand.take(ctx, len(ids) == 1 && suspected)
	err := b.process(ctx, s, hand)
	hand.drop(ctx, err == nil)
	var panicked *panicError
	if errors.As(err, &panicked) {
		// A panic may have left anything half done.
		if anew, problem := c.newScratch(); problem == nil {
			*s = *anew
		}
	}
	switch {
	case panicked != nil && len(places) > 1:
		c.cfg.Logger.ErrorContext(ctx, "a message makes the consumer panic; each is tried alone",
			slog.Int("messages", len(places)), slog.String("error", err.Error()))
		for k := range places {
			if err := c.group(ctx, s, messages, places[k:k+1], report); err != nil {
				return err
			}
		}
		return nil
	case panicked != nil:
		b = newBatch(c, of)
		b.fail(0, queue.ReasonCrashesConsumer, err, queue.UnitPack, []byte(of[0].Body))
		err = b.settle(ctx)
	}
	report.add(b, places)
	if errors.Is(err, errNotSettled) {
		report.unsettled, err = err, nil
	}
	if n := len(b.messages); err == nil && n < len(places) {
		return c.group(ctx, s, messages, places[n:], report)
	}
	return err
}

// add counts a group. Its verdicts hold after an error, too.
func (r *Report) add(b *batch, places []int) {
	r.Events += b.events
	r.Inserted += b.inserted
	r.Duplicates += b.duplicates
	r.InsertTime += b.insertTime
	r.Retries += b.retries
	for reason, n := range b.sent {
		r.DeadLettered[reason] += n
	}
	for reason, n := range b.failed {
		r.Failed[reason] += n
	}
	for k, done := range b.done {
		if done {
			r.Verdicts[places[k]] = Done
		}
	}
}

// saveFromRetention sends what the queue would soon drop to the dead-letter
// queue, where it can wait for longer.
func (c *Consumer) saveFromRetention(ctx context.Context, messages []queue.Message, report *Report) {
	if c.cfg.Retention <= 0 {
		return
	}
	var places []int
	var of []queue.Message
	for i := range messages {
		m := &messages[i]
		if report.Verdicts[i] != Done && !m.SentAt.IsZero() && c.cfg.Now().Sub(m.SentAt) > c.cfg.Retention*9/10 {
			places, of = append(places, i), append(of, messages[i])
		}
	}
	if len(places) == 0 {
		return
	}
	// The outage may have taken all the time there was.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	b := newBatch(c, of)
	for k := range of {
		b.fail(k, queue.ReasonRetentionNear, errRetention, queue.UnitPack, []byte(of[k].Body))
	}
	if err := b.settle(ctx); err != nil {
		c.cfg.Logger.ErrorContext(ctx, "messages near the queue's retention are not saved", slog.String("error", err.Error()))
	}
	report.add(b, places)
}

// saveTime is what saving messages from retention may take: less than what a
// Lambda keeps to answer in.
const saveTime = 1500 * time.Millisecond

var errRetention = errors.New("ClickHouse could not be reached until the queue would soon have dropped the message")

// hand is the messages in hand, as the crash log knows them.
type hand struct {
	c   *Consumer
	ids []string
}

// take notes them. Alone is only what is tried alone: a kill may find any message
// by itself.
func (h *hand) take(ctx context.Context, alone bool) {
	h.note(ctx, h.c.cfg.Crashes.begin(h.ids, alone))
}

// drop says that they are in hand no longer: what happens next is not their
// fault. settled ones were never the cause of a crash.
func (h *hand) drop(ctx context.Context, settled bool) {
	h.note(ctx, h.c.cfg.Crashes.end(h.ids, settled))
}

// note logs what keeps the crash log from being written: the work goes on.
func (h *hand) note(ctx context.Context, err error) {
	if err != nil {
		h.c.cfg.Logger.WarnContext(ctx, "the crash log is not kept", slog.String("error", err.Error()))
	}
}

func (c *Consumer) take() (*scratch, error) {
	select {
	case s := <-c.scratch:
		return s, nil
	default:
	}
	return c.newScratch()
}

func (c *Consumer) newScratch() (*scratch, error) {
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
	s.trim(c.cfg.Portion)
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
