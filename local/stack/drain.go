package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"polo/consumer"
	"polo/envelope"
	sink "polo/internal/clickhouse"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// drainWorkers bounds the concurrent batches: one is decoded while another is inserted.
const drainWorkers = 2

const defaultPortion = 16 << 20

// linger is how long a batch waits to fill. It bounds how late an event becomes
// visible.
const linger = 2 * time.Second

// Consumer returns the drain of the stack's queue. closeSink closes its connections.
func (s *Stack) Consumer(log *slog.Logger) (drain *consumer.Drain, closeSink func() error, err error) {
	return s.ConsumerTo(s.DLQ, log)
}

// ConsumerTo is Consumer with letters sent to deadLetter instead of s.DLQ.
func (s *Stack) ConsumerTo(deadLetter queue.Sender, log *slog.Logger) (drain *consumer.Drain, closeSink func() error, err error) {
	out := sink.NewSink(sink.Config{
		Addr: s.engine.TCPAddr, Database: s.Endpoints.Database,
		User: s.engine.Users.Writer.Name, Password: s.engine.Users.Writer.Password, Connections: drainWorkers,
	})
	crashes, err := consumer.OpenCrashLog(filepath.Join(s.dir, "consumer-crashes.json"), time.Now)
	if err != nil {
		return nil, nil, errors.Join(err, out.Close())
	}
	c, err := consumer.New(consumer.Config{
		Sink: out, DeadLetter: deadLetter, Portion: s.portion, Retention: func() time.Duration { return retention * time.Second }, Crashes: crashes, Logger: log,
	})
	if err != nil {
		return nil, nil, errors.Join(err, out.Close())
	}
	drain = consumer.NewDrain(c, consumer.DrainConfig{
		Queue: s.Queue, Workers: drainWorkers, Linger: linger, Wait: time.Second, Visibility: visibility, Logger: log,
	})
	return drain, out.Close, nil
}

// Waiting counts the events in the stack's queue, as its messages state them.
func (s *Stack) Waiting() (events int64, err error) {
	err = s.server.Each(QueueName, func(m sqsserver.Sent) { events += int64(envelope.CountOf(m.Body)) })
	if err != nil {
		return 0, fmt.Errorf("counting the events in the queue: %w", err)
	}
	return events, nil
}

// AwaitEmpty returns when no message is visible, in flight or delayed on q.
func AwaitEmpty(ctx context.Context, q queue.Inspector, every time.Duration, each func(queue.Stats)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		stats, err := q.Stats(ctx)
		if err != nil && !errors.Is(err, queue.ErrTransient) {
			return fmt.Errorf("reading the queue's counts: %w", err)
		}
		if err == nil {
			if each != nil {
				each(stats)
			}
			if stats.Empty() {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the queue to empty (%d waiting, %d in flight): %w", stats.Visible, stats.InFlight, ctx.Err())
		case <-tick.C:
		}
	}
}
