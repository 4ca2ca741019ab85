// Package queue is the contract between Polo and its message queue: what a
// producer sends, what the consumer receives, and how a failure is written
// down. Adapters live below it, named after their technology.
package queue

import (
	"context"
	"time"
)

// Outgoing is a message to be sent.
type Outgoing struct {
	// Body is not empty and valid for the queue as text: see ValidText.
	Body string
	// Attributes travel beside the body as strings; at most MaxAttributes, none
	// empty: see Check.
	Attributes map[string]string
	// TraceHeader is the X-Ray trace header of what sends it, if any. It counts for no
	// limit.
	TraceHeader string
}

// Message is a received message. It stays the queue's until it is deleted.
type Message struct {
	ID string
	// Queue is the name of the queue that it was received from.
	Queue string
	// Receipt names this delivery; Delete and Extend take it.
	Receipt string
	Body    string
	// Attributes are the string attributes the sender set.
	Attributes map[string]string
	// SentAt is the original enqueue time, FirstReceivedAt the first delivery.
	SentAt          time.Time
	FirstReceivedAt time.Time
	// ReceiveCount is how often it has been delivered, this time included.
	ReceiveCount int
	// DeadLetterSource is the ARN of the queue it was moved from, if any.
	DeadLetterSource string
	// TraceHeader is the sender's X-Ray header, if any.
	TraceHeader string
}

// Sender sends one batch. The batch must be within the adapter's limits, which
// Limits tells; SendAll splits and retries and is what callers want.
//
// SendBatch makes one attempt and never loops. The returned slice is nil when
// every message was acknowledged, otherwise it has one entry per message, nil
// for those acknowledged. An error of the whole call is repeated for each
// message. Errors that a retry can mend match ErrTransient. Safe for concurrent
// use.
type Sender interface {
	SendBatch(ctx context.Context, batch []Outgoing) []error
	Limits() Limits
}

// MaxReceipts is how many receipts one DeleteBatch or ExtendBatch takes.
const MaxReceipts = 10

// Receiver takes messages off one queue. Each method makes one attempt; errors
// that a retry can mend match ErrTransient. Safe for concurrent use.
type Receiver interface {
	// Receive waits up to wait for at most limit messages, and returns early when
	// ctx ends (then with ctx's error and no message in hand).
	Receive(ctx context.Context, limit int, wait time.Duration) ([]Message, error)
	// DeleteBatch and ExtendBatch take at most MaxReceipts and answer per
	// receipt as SendBatch does. DeleteAll and ExtendAll split and retry.
	DeleteBatch(ctx context.Context, receipts []string) []error
	// ExtendBatch makes each message invisible for d from now; 0 returns it.
	ExtendBatch(ctx context.Context, receipts []string, d time.Duration) []error
}

// Inspector tells about a queue.
type Inspector interface {
	Stats(ctx context.Context) (Stats, error)
}

// Stats is a queue's approximate state and the settings the consumer needs.
type Stats struct {
	Visible, InFlight, Delayed int
	Retention                  time.Duration
	Visibility                 time.Duration
	MaxMessageSize             int
}

// Empty tells whether no message is waiting, in flight or delayed.
func (s Stats) Empty() bool { return s.Visible == 0 && s.InFlight == 0 && s.Delayed == 0 }

// Limits are what one call may carry.
type Limits struct {
	// MaxEntries is messages per batch, MaxBytes the sum of their sizes (body
	// plus attributes), MaxMessage one message's size. Bytes.
	MaxEntries, MaxBytes, MaxMessage int
}
