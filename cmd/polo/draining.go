package main

import (
	"context"
	"errors"
	"time"

	"polo/local/stack"
)

// draining calls publish while the stack's consumer drains the queue, and returns once the queue is
// empty. If another process drains, it waits for that one.
func (t *target) draining(ctx context.Context, publish func(context.Context) error) error {
	// The drain works until it is told to stop, and finishes what is in flight.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	drained := make(chan error, 1)
	if t.drain == nil {
		drained <- nil
	} else {
		go func() {
			drained <- t.drain.Run(ctx)
			stop()
		}()
	}
	err := publish(ctx)
	if t.drain != nil {
		t.drain.StopLingering()
	}
	if err == nil {
		err = stack.AwaitEmpty(ctx, t.queue, 20*time.Millisecond, nil)
	}
	stop()
	return errors.Join(<-drained, err)
}
