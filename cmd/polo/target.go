package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/consumer"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/stack"
	"polo/producers"
)

// target is the stack that ingest publishes to: its own, or another process's on the same data
// directory.
type target struct {
	session    *stack.Session
	queue, dlq *sqs.Queue
	reader     driver.Conn
	drain      *consumer.Drain // nil if the other process drains
	failed     *failed
	closers    []func() error
}

// openTarget opens the stack on a data directory. portion is how many bytes of JSON are decoded at
// once; 0 is the stack's default.
func openTarget(ctx context.Context, e *env, data string, portion int) (_ *target, err error) {
	t := &target{failed: &failed{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	s, err := stack.Open(ctx, stack.Options{Dir: data, Command: "polo ingest", Drains: true, Portion: portion, Logger: e.log})
	if err != nil {
		return nil, err
	}
	t.session = s
	t.closers = append(t.closers, s.Close)
	if s.Own == nil {
		t.queue, t.dlq = s.Endpoints.Queues()
	} else {
		t.queue, t.dlq = s.Own.Queue, s.Own.DLQ
		drain, closeSink, err := s.Own.ConsumerTo(noting{t.dlq, t.failed}, e.log)
		if err != nil {
			return nil, err
		}
		t.closers = append(t.closers, closeSink)
		t.drain = drain
	}
	if t.reader, err = connectReader(s.Endpoints); err != nil {
		return nil, err
	}
	t.closers = append(t.closers, t.reader.Close)
	return t, nil
}

func connectReader(e stack.Endpoints) (driver.Conn, error) {
	return stack.Connect(e.ClickHouseTCP, chdb.Database, e.Users.Reader)
}

// serveOthers drains for the commands that joined while this one ran, until the last of them has
// ended.
func (t *target) serveOthers(ctx context.Context, e *env) error {
	if t.session.Own == nil {
		return nil
	}
	drain, closeSink, err := t.session.Own.Consumer(e.log)
	if err != nil {
		return err
	}
	drainCtx, stop := context.WithCancel(ctx)
	drained := make(chan error, 1)
	started := false
	err = t.session.AwaitOthers(ctx, func() {
		started = true
		_, _ = fmt.Fprintln(e.Stderr, "polo: done; another command uses the stack and is served until it ends (Ctrl-C ends both)")
		go func() { drained <- drain.Run(drainCtx) }()
	})
	stop()
	if started {
		err = errors.Join(err, <-drained)
	}
	return errors.Join(err, closeSink())
}

func (t *target) close() error {
	var errs []error
	for _, c := range slices.Backward(t.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// stored is the content of a target at one time.
type stored struct {
	// events counts the events in ClickHouse, runs those about a collector's run.
	events, runs int64
	// letters counts the failures in the dead-letter queue.
	letters int64
	// waiting counts the events in the queue, if this process runs the stack.
	waiting int64
}

func (t *target) count(ctx context.Context) (stored, error) {
	var events, runs uint64
	err := t.reader.QueryRow(ctx, "SELECT count(), countIf(event_type = ?) FROM resource_events FINAL", producers.TypeRunFinished).Scan(&events, &runs)
	if err != nil {
		return stored{}, fmt.Errorf("counting events: %w", err)
	}
	stats, err := t.dlq.Stats(ctx)
	if err != nil {
		return stored{}, fmt.Errorf("counting failures: %w", err)
	}
	out := stored{events: int64(events), runs: int64(runs), letters: int64(stats.Visible + stats.InFlight + stats.Delayed)}
	if t.session.Own != nil {
		if out.waiting, err = t.session.Own.Waiting(); err != nil {
			return stored{}, err
		}
	}
	return out, nil
}
