package sqs

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue"
)

// answers collects the result of each entry of a batch call.
type answers struct {
	doing string
	errs  []error
}

// errNoAnswer: SQS answered the call but did not list the entry, so its result is
// unknown.
var errNoAnswer = errors.New("no answer for the entry")

func newAnswers(doing string, n int) *answers {
	return &answers{doing: doing, errs: all(n, fmt.Errorf("%s: %w: %w", doing, queue.ErrTransient, errNoAnswer))}
}

// index parses an id made by entryID; ok is false for any other id.
func (a *answers) index(id *string) (i int, ok bool) {
	i, err := strconv.Atoi(aws.ToString(id))
	return i, err == nil && i >= 0 && i < len(a.errs)
}

func (a *answers) done(id *string) {
	if i, ok := a.index(id); ok {
		a.errs[i] = nil
	}
}

func (a *answers) failed(entries []types.BatchResultErrorEntry) {
	for _, e := range entries {
		if i, ok := a.index(e.Id); ok {
			a.errs[i] = fmt.Errorf("%s: %w", a.doing, &EntryError{
				Code: aws.ToString(e.Code), Message: aws.ToString(e.Message),
				kind: kindOf(aws.ToString(e.Code), !e.SenderFault),
			})
		}
	}
}

// errors returns nil if every entry succeeded.
func (a *answers) errors() []error {
	for _, err := range a.errs {
		if err != nil {
			return a.errs
		}
	}
	return nil
}

// EntryError is SQS's error for one entry of a batch.
type EntryError struct {
	// Code is SQS's error code, Message its explanation.
	Code, Message string
	// kind is the queue error that it matches, or nil.
	kind error
}

func (e *EntryError) Error() string {
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

func (e *EntryError) Unwrap() error { return e.kind }

func all(n int, err error) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}
