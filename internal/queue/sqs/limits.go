package sqs

import "time"

// Documented limits of an SQS standard queue. The size of a message counts its body and
// its attributes' names, types and values.
const (
	// maxEntries is the most messages or receipts of one batch call, and the most
	// messages of one receive.
	maxEntries = 10
	// maxBatchBytes bounds the total size of a batch's messages, whatever the queue's
	// own MaximumMessageSize.
	maxBatchBytes = 1 << 20
	// maxMessageBytes is the largest MaximumMessageSize of a queue.
	maxMessageBytes = 1 << 20
	// maxWait is the longest poll.
	maxWait = 20 * time.Second
	// maxVisibility counts from the first delivery.
	maxVisibility = 12 * time.Hour
)

// answerTime is how long a call may take beyond its poll. Without it nothing ends a
// call on a dead connection.
const answerTime = 30 * time.Second
