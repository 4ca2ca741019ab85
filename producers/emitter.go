// Package producers is the frame every collector stands in: what a collector
// emits to, the publisher that packs, sends and retries it, and the window of
// time that one run covers.
package producers

import (
	"context"

	"polo/envelope"
	"polo/internal/queue"
)

// Emitter takes what a collector makes. Both methods are safe for concurrent
// use and return quickly, unless the queue is slower than the collector: then
// they wait, so that memory stays bounded. What they took is the publisher's
// until its Flush returns nil. An error means that publishing has failed for good
// or that ctx has ended, and the collector should stop; some of what the call
// was given may then have been taken.
type Emitter interface {
	// Emit takes the events of one source record. It keeps nothing of them
	// after it returns.
	Emit(ctx context.Context, events ...envelope.ResourceEvent) error
	// Reject takes what could not be normalised; it goes to the dead-letter
	// queue. It keeps nothing of f after it returns.
	Reject(ctx context.Context, f queue.Failure) error
}

// CheckedEmitter is an Emitter that does not check again what the source has checked.
type CheckedEmitter interface {
	Emitter
	// EmitChecked is Emit for events that are valid and whose secrets are taken out already.
	EmitChecked(ctx context.Context, events ...envelope.ResourceEvent) error
}

// EmitChecked emits events that are valid and whose secrets are taken out already.
func EmitChecked(ctx context.Context, to Emitter, events ...envelope.ResourceEvent) error {
	if e, ok := to.(CheckedEmitter); ok {
		return e.EmitChecked(ctx, events...)
	}
	return to.Emit(ctx, events...)
}
