package recording

import (
	"fmt"

	"polo/internal/queue"
)

// Error says why a recording gave no events. Its text names fields and contains no value.
type Error struct {
	Reason queue.Reason
	// Code is the API's own error code if the recording is an error.
	Code string
	Err  error
}

func (e *Error) Error() string { return string(e.Reason) + ": " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns Code, for classifying the gap.
func (e *Error) ErrorCode() string { return e.Code }

// Malformed returns the error of a recording that cannot be parsed.
func Malformed(format string, args ...any) *Error {
	return &Error{Reason: queue.ReasonMalformedRecord, Err: fmt.Errorf(format, args...)}
}

// Unknown returns the error of a recording that is not of the source.
func Unknown(format string, args ...any) *Error {
	return &Error{Reason: queue.ReasonUnknownRecord, Err: fmt.Errorf(format, args...)}
}

// Syntax replaces an error of encoding/json, which may contain the value, by its type.
func Syntax(err error) error { return fmt.Errorf("%T", err) }
