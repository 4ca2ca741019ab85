// Package producers is the framework that collectors run in: the emitter they emit to, the
// publisher that packs, sends and retries, and the time window that a run covers.
package producers

import (
	"context"

	"polo/envelope"
	"polo/internal/queue"
)

// Emitter accepts a collector's output. Both methods are safe for concurrent use and return
// quickly. If the queue is slower than the collector they block, so that memory stays
// bounded. The publisher owns what it accepted until its Flush returns nil. An error means
// that publishing has failed for good or that ctx has ended: the collector should stop. Part
// of the call's input may then have been accepted.
type Emitter interface {
	// Emit accepts the events of one source record. It keeps no reference to them.
	Emit(ctx context.Context, events ...envelope.ResourceEvent) error
	// Reject accepts what could not be normalised and sends it to the dead-letter queue. It
	// keeps no reference to f.
	Reject(ctx context.Context, f queue.Failure) error
}

// CheckedEmitter is an Emitter that can skip checks that the source has made.
type CheckedEmitter interface {
	Emitter
	// EmitChecked is Emit for events that are already valid and redacted.
	EmitChecked(ctx context.Context, events ...envelope.ResourceEvent) error
}

// EmitChecked emits events that are already valid and redacted.
func EmitChecked(ctx context.Context, to Emitter, events ...envelope.ResourceEvent) error {
	if e, ok := to.(CheckedEmitter); ok {
		return e.EmitChecked(ctx, events...)
	}
	return to.Emit(ctx, events...)
}
