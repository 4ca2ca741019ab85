package queue

import (
	"errors"
	"fmt"
)

// Errors that an adapter's errors match with errors.Is.
var (
	// ErrTransient: the same call may succeed later (throttled, 5xx, network).
	ErrTransient = errors.New("transient queue error")
	// ErrInFlight, also transient: the queue delivers no more until some messages in
	// flight are deleted or become visible.
	ErrInFlight = fmt.Errorf("%w: too many messages in flight", ErrTransient)
	// ErrTooLarge: the message exceeds the queue's size limit.
	ErrTooLarge = errors.New("message too large")
	// ErrNotText: the body or an attribute holds a character that the queue refuses.
	ErrNotText = errors.New("message holds a character the queue refuses")
	// ErrNoQueue: the queue does not exist.
	ErrNoQueue = errors.New("no such queue")
	// ErrRefused: the queue refuses the call for another reason than size or
	// characters, and would again.
	ErrRefused = errors.New("refused by the queue")
	// ErrReceipt: the receipt is invalid or has expired.
	ErrReceipt = errors.New("invalid receipt")
	// ErrNotFailure: the message is not a letter, nor was it moved to its queue by the
	// queue itself.
	ErrNotFailure = errors.New("not a letter")
)
