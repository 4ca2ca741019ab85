package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/tree"
)

// publish reads the inputs and sends their events to the queue.
func (c *ingestCmd) publish(ctx context.Context, e *env, t *target, now *reading, sum *ingestSummary) error {
	tally := newCostTally()
	defer func() {
		sum.order()
		sum.Costs, sum.Unaccounted = inOrder(tally.costs), inOrder(tally.unaccounted)
	}()
	var inputs []*sorted
	for _, input := range c.inputs() {
		in, err := c.sort(ctx, input)
		if err != nil {
			return err
		}
		opened := in.tree
		defer func() { _ = opened.Close() }() // only read
		in.tree = meteredTree{opened, now}
		now.know(in.bytes())
		inputs = append(inputs, in)
		sum.known += len(in.kinds)
	}
	for _, in := range inputs {
		if err := c.publishInput(ctx, e, t, in, now, tally, sum); err != nil {
			return err
		}
	}
	return nil
}

// publishInput reads one input, one kind of files after another.
func (c *ingestCmd) publishInput(ctx context.Context, e *env, t *target, in *sorted, now *reading, tally *costTally, sum *ingestSummary) error {
	files, failed, skipped := sum.Files, sum.Failed, len(sum.SkippedFiles)
	for _, s := range in.strays {
		sum.skip(s.name, s.why, s.do)
		sum.known++
		if s.unread {
			sum.unread = append(sum.unread, s.name+" ("+s.why+")")
		}
	}
	for _, k := range kinds() {
		if len(in.names[k.name]) == 0 {
			continue
		}
		if err := c.publishKind(ctx, e, t, in, k, now, tally, sum); err != nil {
			return err
		}
	}
	if sum.Files > files || sum.Failed > failed {
		return nil
	}
	shown := sum.SkippedFiles[skipped:]
	return fmt.Errorf("%w: nothing in %s can be read; skipped: %d files, such as %s; give CloudTrail logs, bills (CSV or Parquet) or recorded answers",
		tree.ErrNoInput, in.input, len(shown), strings.Join(shown[:min(len(shown), maxExamples)], ", "))
}

// publishKind reads the files of one kind.
func (c *ingestCmd) publishKind(ctx context.Context, e *env, t *target, in *sorted, k kind, now *reading, tally *costTally, sum *ingestSummary) error {
	publisher, err := producers.NewPublisher(producers.PublisherConfig{
		Source: k.source, Queue: t.queue, DeadLetter: noting{t.dlq, t.failed}, Senders: 2,
		Retry: queue.Retry{}, Logger: e.log,
	})
	if err != nil {
		return err
	}
	made := &counting{FlushingEmitter: publisher, counts: counts{tally: tally, now: now}}
	err = k.collect(c, ctx, in, made, sum, now)
	if errors.Is(err, tree.ErrNoInput) { //mutant:one-kind-ends-all
		err = nil // one unreadable kind does not stop the others
	}
	if err == nil {
		err = publisher.Flush(ctx)
	}
	err = errors.Join(err, publisher.Close())
	sum.Kinds[k.name] += len(in.names[k.name])
	sum.sent(publisher.Stats(), made, err == nil)
	return err
}

// counting is an emitter that counts what it accepts: what the publisher does not report as
// acknowledged was not sent.
type counting struct {
	producers.FlushingEmitter
	counts
}

var _ producers.CheckedEmitter = (*counting)(nil)

// Emit implements producers.Emitter.
func (c *counting) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	c.take(events)
	return c.FlushingEmitter.Emit(ctx, events...)
}

// EmitChecked implements producers.CheckedEmitter.
func (c *counting) EmitChecked(ctx context.Context, events ...envelope.ResourceEvent) error {
	c.take(events)
	return producers.EmitChecked(ctx, c.FlushingEmitter, events...)
}

// Reject implements producers.Emitter.
func (c *counting) Reject(ctx context.Context, f queue.Failure) error {
	c.rejects.Add(1)
	return c.FlushingEmitter.Reject(ctx, f)
}
