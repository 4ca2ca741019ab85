package cloudflare

import (
	"context"
	"errors"

	"polo/envelope"
	"polo/producers"
)

// emitError is an error of Scan.Emit. It ends the scope, unlike those of a list.
type emitError struct{ err error }

func (e emitError) Error() string { return e.err.Error() }
func (e emitError) Unwrap() error { return e.err }

func isEmit(err error) bool {
	var e emitError
	return errors.As(err, &e)
}

func emit(ctx context.Context, s *producers.Scan, events []envelope.ResourceEvent) error {
	if len(events) == 0 {
		return nil
	}
	if err := s.Emit(ctx, events...); err != nil {
		return emitError{err}
	}
	return nil
}
