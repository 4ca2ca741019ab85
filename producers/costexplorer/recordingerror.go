package costexplorer

import (
	"fmt"

	"polo/internal/queue"
)

// RecordingError says why a recording gave no events. Its text names fields and contains no
// value.
type RecordingError struct {
	Reason queue.Reason
	// Code is the API's own error code if the recording is an error.
	Code string
	Err  error
}

func (e *RecordingError) Error() string { return string(e.Reason) + ": " + e.Err.Error() }

func (e *RecordingError) Unwrap() error { return e.Err }

// ErrorCode returns Code, for classifying the gap.
func (e *RecordingError) ErrorCode() string { return e.Code }

func malformed(format string, args ...any) *RecordingError {
	return &RecordingError{Reason: queue.ReasonMalformedRecord, Err: fmt.Errorf(format, args...)}
}

func notCosts(format string, args ...any) *RecordingError {
	return &RecordingError{Reason: queue.ReasonUnknownRecord, Err: fmt.Errorf(format, args...)}
}
