package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue"
)

// Source is the SQS client that a mapping receives with.
type Source interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
}

// Invoker is what a mapping needs of a *Function.
type Invoker interface {
	Invoke(ctx context.Context, in Invocation) ([]byte, error)
	Name() string
	Region() string
	Timeout() time.Duration
}

// MappingConfig configures a Mapping. Zero values mean AWS's defaults.
type MappingConfig struct {
	Function Invoker
	// Source receives the messages of QueueURL, Queue deletes them.
	Source             Source
	Queue              queue.Receiver
	QueueURL, QueueARN string
	// Visibility is the queue's visibility timeout, no less than the function's timeout.
	Visibility time.Duration
	// BatchSize is the most messages in an event: 10, or up to 10,000 with a Window.
	BatchSize int
	// Window is how long to wait for a batch to fill.
	Window time.Duration
	// Concurrency bounds the concurrent invocations, 2 to 1000: AWS's MaximumConcurrency. Zero
	// means no bound.
	Concurrency int
	// ReportBatchItemFailures says that responses list the failed messages.
	ReportBatchItemFailures bool
	// Backoff is how long the mapping waits after a failed invocation; it doubles with each
	// further one up to BackoffMax. Zero means a second and a minute.
	Backoff, BackoffMax time.Duration
	Logger              *slog.Logger
}

// Mapping is an event source mapping: it receives batches from a queue, invokes a function
// with them, and deletes what the function reports as done. Failed messages become visible
// again after the queue's visibility timeout.
//
// As on AWS, a failed invocation makes it poll less and wait; single failed messages do not
// slow it down.
type Mapping struct {
	cfg   MappingConfig
	mu    sync.Mutex
	load  load
	stats MappingStats
	wake  chan struct{}
}

// MappingStats is what a mapping has done so far.
type MappingStats struct {
	// Polls counts receives, Batches invocations, Failed those that failed as a whole,
	// Throttled those of them that the function had no room for.
	Polls, Batches, Failed, Throttled int64
	// Messages were in batches, Deleted of them were done, ItemFailures reported as failed.
	Messages, Deleted, ItemFailures int64
	// Slowest is the longest wait after a failure.
	Slowest time.Duration
}

// NewMapping validates c and returns a mapping.
func NewMapping(c MappingConfig) (*Mapping, error) {
	if c.BatchSize == 0 {
		c.BatchSize = plainBatch
	}
	if c.Backoff == 0 {
		c.Backoff = time.Second
	}
	if c.BackoffMax == 0 {
		c.BackoffMax = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	var errs []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	wrong(c.Function == nil || c.Source == nil || c.Queue == nil, "a mapping needs a function and a queue")
	wrong(c.BatchSize < 1 || c.BatchSize > maxBatch, "a batch of %d messages is not from 1 to %d", c.BatchSize, maxBatch)
	wrong(c.BatchSize > plainBatch && c.Window < time.Second, "a batch of more than %d messages needs a window of a second or more", plainBatch)
	wrong(c.Window < 0 || c.Window > maxWindow, "a window of %s is not from none to %s", c.Window, maxWindow)
	wrong(c.Concurrency != 0 && (c.Concurrency < minMappingConcurrency || c.Concurrency > maxMappingConcurrency),
		"a maximum concurrency of %d is not from %d to %d", c.Concurrency, minMappingConcurrency, maxMappingConcurrency)
	if c.Function != nil {
		wrong(c.Visibility < c.Function.Timeout(), "the queue's visibility timeout of %s is less than the function's of %s", c.Visibility, c.Function.Timeout())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("an event source mapping: %w", err)
	}
	most := c.Concurrency
	if most == 0 {
		most = maxMappingConcurrency
	}
	return &Mapping{cfg: c, load: newLoad(most, c.Backoff, c.BackoffMax), wake: make(chan struct{}, 1)}, nil
}

// Stats returns what the mapping has done so far.
func (m *Mapping) Stats() MappingStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

func (m *Mapping) count(change func(*MappingStats)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.stats)
}

// Run polls the queue until ctx ends, and then finishes the batches that it has.
func (m *Mapping) Run(ctx context.Context) {
	var pollers sync.WaitGroup
	defer pollers.Wait()
	for ctx.Err() == nil {
		for m.enter() {
			pollers.Go(func() { m.poll(ctx) })
		}
		select {
		case <-ctx.Done():
		case <-m.wake:
		}
	}
}

// enter reports whether another poller may start, and counts it.
func (m *Mapping) enter() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.load.enter()
}

// poll receives batches and invokes the function until there are too many pollers.
func (m *Mapping) poll(ctx context.Context) {
	var over []record
	for ctx.Err() == nil || len(over) > 0 {
		batch, rest, full := m.gather(ctx, over)
		over = rest
		if len(batch) == 0 {
			if !m.stays() {
				return
			}
			continue
		}
		err := m.hand(context.WithoutCancel(ctx), batch)
		if err != nil {
			// Drop what else was received; it is redelivered like the batch. It would be old
			// when the next invocation may begin.
			over = nil
			m.cfg.Logger.WarnContext(ctx, "invocation failed", slog.String("function", m.cfg.Function.Name()), slog.Int("messages", len(batch)), slog.String("error", err.Error()))
		}
		wait := m.invoked(err, full)
		if wait > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
		}
		if len(over) == 0 && !m.stays() {
			return
		}
	}
	m.leave()
}

// invoked records the result of an invocation, and returns how long to wait.
func (m *Mapping) invoked(err error, full bool) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	wait := m.load.invoked(err != nil, full)
	m.stats.Slowest = max(m.stats.Slowest, wait)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return wait
}

// stays reports whether a poller may continue; if not, it counts as stopped.
func (m *Mapping) stays() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.load.stays()
}

func (m *Mapping) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.load.running--
}

// longPoll is the wait of one receive: long enough to save requests, short enough to stop in
// time.
const longPoll = time.Second

// gather receives a batch until it is full, in number or bytes, or its window is over. It also
// returns what did not fit. If a long poll returns nothing, the batch is empty.
func (m *Mapping) gather(ctx context.Context, over []record) (batch, rest []record, full bool) {
	size := len(eventHead) + len(eventTail)
	add := func(r record) {
		if len(rest) > 0 || len(batch) == m.cfg.BatchSize || len(batch) > 0 && size+len(r.json)+1 > maxPayload {
			rest = append(rest, r)
			return
		}
		batch = append(batch, r)
		size += len(r.json) + 1
	}
	for _, r := range over {
		add(r)
	}
	var until time.Time
	if len(batch) > 0 {
		until = time.Now().Add(m.cfg.Window)
	}
	for ctx.Err() == nil && len(rest) == 0 && len(batch) < m.cfg.BatchSize {
		wait := longPoll
		if !until.IsZero() {
			if wait = time.Until(until); wait <= 0 {
				break
			}
		}
		got, err := m.receive(ctx, min(queue.MaxReceipts, m.cfg.BatchSize-len(batch)), wait)
		if err != nil {
			m.cfg.Logger.WarnContext(ctx, "receiving from the queue failed", slog.String("error", err.Error()))
			select {
			case <-ctx.Done():
			case <-time.After(m.cfg.Backoff):
			}
		}
		if until.IsZero() && len(got) == 0 {
			break
		}
		if until.IsZero() {
			until = time.Now().Add(m.cfg.Window)
		}
		for i := range got {
			r, err := m.record(&got[i])
			if err != nil { // it is redelivered
				m.cfg.Logger.WarnContext(ctx, "encoding a message failed; it will be redelivered", slog.String("error", err.Error()))
				continue
			}
			add(r)
		}
	}
	return batch, rest, len(rest) > 0 || len(batch) == m.cfg.BatchSize
}

func (m *Mapping) receive(ctx context.Context, most int, wait time.Duration) ([]types.Message, error) {
	m.count(func(s *MappingStats) { s.Polls++ })
	seconds := int32((min(wait, longPoll) + time.Second - 1) / time.Second)
	// Never cancel a receive: messages in a response that nobody reads stay in flight until
	// their visibility timeout. What it returns is still handed to the function.
	out, err := m.cfg.Source.ReceiveMessage(context.WithoutCancel(ctx), &sqs.ReceiveMessageInput{
		QueueUrl: &m.cfg.QueueURL, MaxNumberOfMessages: int32(most), WaitTimeSeconds: seconds,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// hand invokes the function with a batch, and deletes what is done.
func (m *Mapping) hand(ctx context.Context, batch []record) error {
	m.count(func(s *MappingStats) { s.Batches++; s.Messages += int64(len(batch)) })
	answer, err := m.cfg.Function.Invoke(ctx, Invocation{Payload: payload(batch), Trace: batch[0].trace})
	var failed map[string]bool
	if err == nil && m.cfg.ReportBatchItemFailures {
		failed, err = failures(answer, batch)
	}
	if err != nil {
		m.count(func(s *MappingStats) {
			s.Failed++
			if errors.Is(err, ErrThrottled) {
				s.Throttled++
			}
		})
		return err
	}
	var done []string
	for i := range batch {
		if !failed[batch[i].id] {
			done = append(done, batch[i].receipt)
		}
	}
	err = queue.DeleteAll(ctx, m.cfg.Queue, done, queue.Retry{})
	m.count(func(s *MappingStats) { s.Deleted += int64(len(done)); s.ItemFailures += int64(len(failed)) })
	if err != nil { // they are redelivered; the function succeeded
		m.cfg.Logger.WarnContext(ctx, "ack failed; messages will be redelivered", slog.String("error", err.Error()))
	}
	return nil
}
