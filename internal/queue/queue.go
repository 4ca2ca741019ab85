// Package queue is the contract between Polo and its message queue: what a producer
// sends, what the consumer receives, and how a failure is recorded. Adapters are
// subpackages named after their technology.
package queue

import (
	"context"
	"time"
)

// Outgoing is a message to send.
type Outgoing struct {
	// Body must not be empty, and must be text that the queue accepts: see ValidText.
	Body string
	// Attributes are sent beside the body as strings; at most MaxAttributes, none
	// empty: see Check.
	Attributes map[string]string
	// TraceHeader is the sender's X-Ray trace header, if any. It counts towards no
	// limit.
	TraceHeader string
}

// Message is a received message. It stays in the queue, in flight, until it is deleted.
type Message struct {
	ID string
	// Queue is the name of the queue that it was received from.
	Queue string
	// Receipt names this delivery; Delete and Extend take it.
	Receipt string
	Body    string
	// Attributes are the string attributes that the sender set.
	Attributes map[string]string
	// SentAt is when it was first enqueued, FirstReceivedAt when it was first
	// delivered.
	SentAt          time.Time
	FirstReceivedAt time.Time
	// ReceiveCount is the number of deliveries, this one included.
	ReceiveCount int
	// DeadLetterSource is the ARN of the queue it was moved from, if any.
	DeadLetterSource string
	// TraceHeader is the sender's X-Ray header, if any.
	TraceHeader string
}

// Sender sends one batch, which must be within the adapter's Limits. Callers use
// SendAll, which splits and retries.
//
// SendBatch makes one attempt and never loops. It returns nil if every message was
// acknowledged. Otherwise it returns one entry per message, nil for those acknowledged.
// An error of the whole call is repeated for each message. Errors that a retry may fix
// match ErrTransient. Safe for concurrent use.
type Sender interface {
	SendBatch(ctx context.Context, batch []Outgoing) []error
	Limits() Limits
}

// MaxReceipts is the most receipts that one DeleteBatch or ExtendBatch takes.
const MaxReceipts = 10

// Receiver receives messages from one queue. Each method makes one attempt; errors that
// a retry may fix match ErrTransient. Safe for concurrent use.
type Receiver interface {
	// Receive waits up to wait for at most limit messages. It returns early when ctx
	// ends, with ctx's error and no messages.
	Receive(ctx context.Context, limit int, wait time.Duration) ([]Message, error)
	// DeleteBatch acks messages. It and ExtendBatch take at most MaxReceipts and return
	// errors as SendBatch does. DeleteAll and ExtendAll split and retry.
	DeleteBatch(ctx context.Context, receipts []string) []error
	// ExtendBatch makes each message invisible for d from now; 0 nacks it: it is
	// visible at once.
	ExtendBatch(ctx context.Context, receipts []string, d time.Duration) []error
}

// Inspector reads a queue's state.
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

// Empty reports whether no message is visible, in flight or delayed.
func (s Stats) Empty() bool { return s.Visible == 0 && s.InFlight == 0 && s.Delayed == 0 }

// Limits bound one call.
type Limits struct {
	// MaxEntries is messages per batch, MaxBytes the sum of their sizes (body plus
	// attributes), MaxMessage one message's size; in bytes.
	MaxEntries, MaxBytes, MaxMessage int
}
