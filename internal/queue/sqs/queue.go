// Package sqs implements the queue contract with Amazon SQS, or any server of its
// protocol. It makes one attempt per call and classifies the errors; queue.SendAll,
// DeleteAll and ExtendAll retry.
package sqs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue"
)

// API is the part of *sqs.Client that the adapter uses. The client must not retry: see
// NewClient.
type API interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Options configure a Queue.
type Options struct {
	// MaxMessage is the queue's MaximumMessageSize in bytes; zero means the most that
	// SQS allows. Open reads it from the queue.
	MaxMessage int
	// Visibility is the visibility timeout of received messages, rounded up to whole
	// seconds; zero means the queue's own VisibilityTimeout.
	Visibility time.Duration
}

// Queue is one SQS queue: a queue.Sender, queue.Receiver and queue.Inspector. It is
// stateless and safe for concurrent use.
type Queue struct {
	client API
	url    string
	opts   Options
}

var (
	_ queue.Sender    = (*Queue)(nil)
	_ queue.Receiver  = (*Queue)(nil)
	_ queue.Inspector = (*Queue)(nil)
)

// New returns the queue at queueURL without checking that it exists.
func New(client API, queueURL string, opts Options) *Queue {
	if opts.MaxMessage <= 0 || opts.MaxMessage > maxMessageBytes {
		opts.MaxMessage = maxMessageBytes
	}
	return &Queue{client: client, url: queueURL, opts: opts}
}

// OpenAPI is the part of *sqs.Client that Open uses.
type OpenAPI interface {
	API
	Resolver
}

// Open resolves the queue (see Resolve) and reads its MaximumMessageSize.
func Open(ctx context.Context, client OpenAPI, nameOrURLOrARN string) (*Queue, error) {
	url, err := Resolve(ctx, client, nameOrURLOrARN)
	if err != nil {
		return nil, err
	}
	stats, err := New(client, url, Options{}).Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening queue %s: %w", url, err)
	}
	return New(client, url, Options{MaxMessage: stats.MaxMessageSize}), nil
}

// OpenBoth opens a queue and the dead-letter queue beside it, on one client; an http:// URL of the first also names the server.
func OpenBoth(ctx context.Context, cfg aws.Config, main, deadLetter string) (q, dlq *Queue, err error) {
	client := NewClient(cfg, EndpointOf(main))
	if q, err = Open(ctx, client, main); err != nil {
		return nil, nil, fmt.Errorf("opening the queue: %w", err)
	}
	if dlq, err = Open(ctx, client, deadLetter); err != nil {
		return nil, nil, fmt.Errorf("opening the dead-letter queue: %w", err)
	}
	return q, dlq, nil
}

// Retention asks how long a queue keeps messages; see Resolve for how it is named.
func Retention(ctx context.Context, client OpenAPI, nameOrURLOrARN string) (time.Duration, error) {
	url, err := Resolve(ctx, client, nameOrURLOrARN)
	if err != nil {
		return 0, err
	}
	stats, err := New(client, url, Options{}).Stats(ctx)
	return stats.Retention, err
}

// WithVisibility returns the queue with another Options.Visibility.
func (q *Queue) WithVisibility(d time.Duration) *Queue {
	opts := q.opts
	opts.Visibility = d
	return New(q.client, q.url, opts)
}

// URL is the queue's address.
func (q *Queue) URL() string { return q.url }

// Limits returns SQS's limits, with the queue's own MaximumMessageSize.
func (q *Queue) Limits() queue.Limits {
	return queue.Limits{MaxEntries: maxEntries, MaxBytes: maxBatchBytes, MaxMessage: q.opts.MaxMessage}
}

// Stats reads the queue's settings and its counts, which SQS only approximates.
func (q *Queue) Stats(ctx context.Context) (queue.Stats, error) {
	call, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	out, err := q.client.GetQueueAttributes(call, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.url,
		AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameApproximateNumberOfMessages,
			types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
			types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
			types.QueueAttributeNameMessageRetentionPeriod,
			types.QueueAttributeNameVisibilityTimeout,
			types.QueueAttributeNameMaximumMessageSize,
		},
	})
	if err != nil {
		return queue.Stats{}, fmt.Errorf("reading queue attributes: %w", classify(ctx, err))
	}
	r := attributeReader{from: out.Attributes}
	stats := queue.Stats{
		Visible:        r.number(types.QueueAttributeNameApproximateNumberOfMessages),
		InFlight:       r.number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible),
		Delayed:        r.number(types.QueueAttributeNameApproximateNumberOfMessagesDelayed),
		Retention:      time.Duration(r.number(types.QueueAttributeNameMessageRetentionPeriod)) * time.Second,
		Visibility:     time.Duration(r.number(types.QueueAttributeNameVisibilityTimeout)) * time.Second,
		MaxMessageSize: r.number(types.QueueAttributeNameMaximumMessageSize),
	}
	return stats, r.err
}

// attributeReader keeps the first error, so that a missing count never makes a queue
// look empty.
type attributeReader struct {
	from map[string]string
	err  error
}

func (r *attributeReader) number(name types.QueueAttributeName) int {
	n, err := strconv.Atoi(r.from[string(name)])
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("reading queue attributes: %s is not a number", name)
	}
	return n
}

func entryID(i int) *string { return aws.String(strconv.Itoa(i)) }
