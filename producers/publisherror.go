package producers

import (
	"context"
	"errors"
	"fmt"
)

// errClosed is the cause when a publisher is closed without an error.
var errClosed = errors.New("publisher closed")

// PublishError says why a publisher, or one wait for it, ended before everything
// accepted was acknowledged. What was not acknowledged may have been sent all the same.
type PublishError struct {
	// Events and Failures are accepted but not acknowledged.
	Events, Failures int64
	// Err is the cause: a *queue.SendError, the context's error, ...
	Err error
}

func (e *PublishError) Error() string {
	return fmt.Sprintf("publishing: %d events and %d failures not acknowledged: %v", e.Events, e.Failures, e.Err)
}

func (e *PublishError) Unwrap() error { return e.Err }

// fail stops the publisher. The first error counts.
func (p *Publisher) fail(err error) error {
	p.stop(err)
	return p.stopped()
}

// stopped returns the error of a publisher that has stopped.
func (p *Publisher) stopped() error { return p.unpublished(context.Cause(p.ctx)) }

func (p *Publisher) unpublished(cause error) error {
	return &PublishError{
		Events:   p.counts.takenEvents.Load() - p.counts.events.Load(),
		Failures: p.counts.takenFailures.Load() - p.counts.failures.Load(),
		Err:      cause,
	}
}
