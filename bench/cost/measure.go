package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"polo/local/lambda"
	"polo/local/stack"
)

// inputs are the generated files: a day, and parts of a day for what takes longer.
type inputs struct{ day, part, few string }

// measure makes one run on a new stack.
func measure(ctx context.Context, dir, programs string, in inputs) (r run, err error) {
	s, err := stack.Start(ctx, stack.Options{Dir: dir, Command: "bench/cost", Drains: true})
	if err != nil {
		return run{}, err
	}
	functions := s.Functions(programs, slog.New(slog.DiscardHandler))
	defer func() { err = errors.Join(err, functions.Close(), s.Stop()) }()
	b := bench{s: s, functions: functions, log: filepath.Join(dir, "lambda", consumerName+".log")}
	asIs := func(*lambda.MappingConfig) {}
	alone := func(c *lambda.MappingConfig) { c.BatchSize, c.Window = 1, 0 }
	if r.Packed, err = b.way(ctx, in.day, packedFull, asIs); err != nil {
		return run{}, fmt.Errorf("packed: %w", err)
	}
	if r.Alone, err = b.way(ctx, in.part, packedFull, alone); err != nil {
		return run{}, fmt.Errorf("packed, one to an invocation: %w", err)
	}
	if r.Small, err = b.way(ctx, in.few, smallPack, alone); err != nil {
		return run{}, fmt.Errorf("small packs, one to an invocation: %w", err)
	}
	if r.Unpacked, err = b.way(ctx, in.part, unpackedSize, asIs); err != nil {
		return run{}, fmt.Errorf("unpacked: %w", err)
	}
	return r, nil
}

// consumerName is the name of the consumer's function, program and log.
const consumerName = "consumer"

type bench struct {
	s         *stack.Stack
	functions *stack.Functions
	log       string
}

// way publishes files, then drains them, and counts. It does not overlap the two, so that
// the collector takes no CPU time from the consumer.
func (b bench) way(ctx context.Context, input string, pack int, change func(*lambda.MappingConfig)) (f figures, err error) {
	if f, err = collector(ctx, b.s.Endpoints, input, pack); err != nil {
		return f, err
	}
	fn, err := b.functions.ConsumerFunction(b.s.Endpoints.ClickHouseTCP)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, fn.Close()) }()
	began, err := b.start(ctx, fn, &f)
	if err != nil {
		return f, fmt.Errorf("starting the consumer: %w", err)
	}
	config := b.functions.Mapping(&oneAtATime{Function: fn})
	counted := &receiving{source: config.Source, Receiver: config.Queue}
	config.Source, config.Queue = counted, counted
	change(&config)
	told, err := b.drain(ctx, config)
	if err != nil {
		return f, err
	}
	// The processes are frozen but still exist.
	cpu, processes, err := cpuOfChildren(consumerName)
	if err != nil {
		return f, err
	}
	letters, err := b.s.DLQ.Stats(ctx)
	if err != nil {
		return f, err
	}
	switch stats := fn.Stats(); {
	case stats.Errors > 0 || told.ItemFailures > 0 || !letters.Empty():
		return f, fmt.Errorf("%d invocations and %d messages failed, and the dead-letter queue holds %d", stats.Errors, told.ItemFailures, letters.Visible)
	case told.Deleted != f.Messages:
		return f, fmt.Errorf("%d messages were sent and %d deleted", f.Messages, told.Deleted)
	case stats.ColdStarts != 1 || processes != 1:
		return f, fmt.Errorf("%d consumers were started and %d are there", stats.ColdStarts, processes)
	}
	f.ConsumerCPU = cpu - f.StartCPU
	f.Receives, f.ReceiveChunks, f.Empty, f.Deletes = counted.f.Receives, counted.f.ReceiveChunks, counted.f.Empty, counted.f.Deletes
	ended, err := b.reported(began, &f)
	f.LogBytes = ended - began
	if err == nil && f.Invocations != told.Batches {
		err = fmt.Errorf("%d invocations and %d reports", told.Batches, f.Invocations)
	}
	return f, err
}

// start starts the consumer with an event without messages, and returns the end of its
// log.
func (b bench) start(ctx context.Context, fn *lambda.Function, f *figures) (end int64, err error) {
	info, err := os.Stat(b.log)
	if err != nil {
		return 0, err
	}
	if _, err := fn.Invoke(ctx, lambda.Invocation{Payload: []byte(`{"Records":[]}`)}); err != nil {
		return 0, err
	}
	var started figures
	if end, err = b.reported(info.Size(), &started); err != nil {
		return 0, err
	}
	f.StartMS = started.BilledMS
	f.StartCPU, _, err = cpuOfChildren(consumerName)
	return end, err
}

// reported reads the log from an offset, and returns its end.
func (b bench) reported(from int64, f *figures) (end int64, err error) {
	text, err := os.ReadFile(b.log)
	if err != nil {
		return 0, err
	}
	return int64(len(text)), reports(string(text[from:]), f)
}

// drain runs a mapping until the queue is empty.
func (b bench) drain(ctx context.Context, config lambda.MappingConfig) (lambda.MappingStats, error) {
	mapping, err := lambda.NewMapping(config)
	if err != nil {
		return lambda.MappingStats{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		mapping.Run(ctx)
	}()
	err = stack.AwaitEmpty(ctx, b.s.Queue, 100*time.Millisecond, nil)
	stop()
	<-ended
	return mapping.Stats(), err
}
