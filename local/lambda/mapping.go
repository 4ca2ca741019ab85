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

// Source is the queue that a mapping reads.
type Source interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
}

// Invoker is a function as a mapping knows it: a *Function.
type Invoker interface {
	Invoke(ctx context.Context, in Invocation) ([]byte, error)
	Name() string
	Region() string
	Timeout() time.Duration
}

// MappingConfig configures a Mapping. Zero values stand for AWS's own defaults.
type MappingConfig struct {
	Function Invoker
	// Source is asked for the messages of QueueURL, Queue deletes them.
	Source             Source
	Queue              queue.Receiver
	QueueURL, QueueARN string
	// Visibility is the queue's, no less than the function's timeout.
	Visibility time.Duration
	// BatchSize is the most messages in an event: 10, or up to 10,000 with a Window.
	BatchSize int
	// Window is how long a batch that is not full is waited for.
	Window time.Duration
	// Concurrency is how many invocations there may be at once, 2 to 1000: AWS's
	// MaximumConcurrency. Zero is no bound of the mapping's own.
	Concurrency int
	// ReportBatchItemFailures tells that answers name what has failed.
	ReportBatchItemFailures bool
	// Backoff is how long the mapping waits after a failed invocation; it doubles with each
	// further one up to BackoffMax. Zero stands for a second and a minute.
	Backoff, BackoffMax time.Duration
	Logger              *slog.Logger
}

// Mapping is an event source mapping: it reads a queue, hands batches to a function, and
// deletes what that says is done. What failed becomes visible again by itself, after the
// queue's visibility timeout.
//
// As AWS has it, a failed invocation makes it read less and wait, with a batch's single
// failures it goes on at full speed.
type Mapping struct {
	cfg  MappingConfig
	mu   sync.Mutex
	load load
	told MappingStats
	wake chan struct{}
}

// MappingStats are what a mapping has done so far.
type MappingStats struct {
	// Polls counts requests for messages, Batches invocations, Failed those that failed
	// as a whole, Throttled those of them that the function had no room for.
	Polls, Batches, Failed, Throttled int64
	// Messages were in batches, Deleted done, ItemFailures named as failed.
	Messages, Deleted, ItemFailures int64
	// Slowest is the longest that was waited after a failure.
	Slowest time.Duration
}

// NewMapping prepares a mapping.
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

// Stats tells what it has done so far.
func (m *Mapping) Stats() MappingStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told
}

func (m *Mapping) tell(change func(*MappingStats)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.told)
}

// Run reads the queue until ctx ends, and then finishes the batches that it has.
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

// enter tells whether one more poller may begin, and counts it.
func (m *Mapping) enter() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.load.enter()
}

// poll gathers batches and hands them over until there are more pollers than may be.
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
			// What else was received comes again like the batch itself: it would be old by the
			// time that the next may begin.
			over = nil
			m.cfg.Logger.WarnContext(ctx, "an invocation failed", slog.String("function", m.cfg.Function.Name()), slog.Int("messages", len(batch)), slog.String("error", err.Error()))
		}
		wait := m.settled(err, full)
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

// settled notes how an invocation went, and says how long to wait.
func (m *Mapping) settled(err error, full bool) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	wait := m.load.settled(err != nil, full)
	m.told.Slowest = max(m.told.Slowest, wait)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return wait
}

// stays tells whether a poller goes on; one that does not has left.
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

// longPoll is how long SQS is asked for messages at once: long polling, and short enough
// to stop in good time.
const longPoll = time.Second

// gather receives a batch: until it is full, in number or bytes, or its window is over. It
// returns what did not fit any more. Where nothing comes within a long poll, it is empty.
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
			m.cfg.Logger.WarnContext(ctx, "the queue cannot be read", slog.String("error", err.Error()))
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
			if err != nil { // it comes again
				m.cfg.Logger.WarnContext(ctx, "a message cannot be handed over", slog.String("error", err.Error()))
				continue
			}
			add(r)
		}
	}
	return batch, rest, len(rest) > 0 || len(batch) == m.cfg.BatchSize
}

func (m *Mapping) receive(ctx context.Context, most int, wait time.Duration) ([]types.Message, error) {
	m.tell(func(s *MappingStats) { s.Polls++ })
	seconds := int32((min(wait, longPoll) + time.Second - 1) / time.Second)
	// What an answer that is not waited for has given away is out of sight until its
	// visibility timeout: ctx ends no request, and what it brings is handed over.
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
	m.tell(func(s *MappingStats) { s.Batches++; s.Messages += int64(len(batch)) })
	answer, err := m.cfg.Function.Invoke(ctx, Invocation{Payload: payload(batch), Trace: batch[0].trace})
	var failed map[string]bool
	if err == nil && m.cfg.ReportBatchItemFailures {
		failed, err = failures(answer, batch)
	}
	if err != nil {
		m.tell(func(s *MappingStats) {
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
	m.tell(func(s *MappingStats) { s.Deleted += int64(len(done)); s.ItemFailures += int64(len(failed)) })
	if err != nil { // they come again; the function went well
		m.cfg.Logger.WarnContext(ctx, "messages that are done were not deleted", slog.String("error", err.Error()))
	}
	return nil
}
