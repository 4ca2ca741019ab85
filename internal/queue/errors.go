package queue

import (
	"errors"
	"fmt"
)

// Errors an adapter's answers match with errors.Is.
var (
	// ErrTransient: the same call may succeed later (throttled, 5xx, network).
	ErrTransient = errors.New("transient queue error")
	// ErrInFlight, which is transient: the queue lets nobody hold more messages
	// until some are deleted or come back.
	ErrInFlight = fmt.Errorf("%w: too many messages in flight", ErrTransient)
	// ErrTooLarge: the message exceeds the queue's size limit.
	ErrTooLarge = errors.New("message too large")
	// ErrNotText: the body or an attribute holds a character the queue refuses.
	ErrNotText = errors.New("message holds a character the queue refuses")
	// ErrNoQueue: the queue does not exist.
	ErrNoQueue = errors.New("no such queue")
	// ErrRefused: the queue refuses what the call carries, for another reason
	// than its size or characters, and would refuse it again.
	ErrRefused = errors.New("refused by the queue")
	// ErrReceipt: the receipt is not, or no longer, valid.
	ErrReceipt = errors.New("invalid receipt")
	// ErrNotFailure: a message that is no failure's record, nor moved to its
	// queue by the queue itself.
	ErrNotFailure = errors.New("not a failure's record")
)
