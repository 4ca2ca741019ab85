package cloudtrail

import (
	"fmt"

	"polo/internal/queue"
)

// RecordError says why a record gave no events. Its text names fields and contains no value.
type RecordError struct {
	Reason queue.Reason
	Err    error
}

func (e *RecordError) Error() string { return string(e.Reason) + ": " + e.Err.Error() }

func (e *RecordError) Unwrap() error { return e.Err }

func malformed(format string, args ...any) *RecordError {
	return &RecordError{Reason: queue.ReasonMalformedRecord, Err: fmt.Errorf(format, args...)}
}
