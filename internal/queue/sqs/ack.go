package sqs

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// DeleteBatch implements queue.Receiver. Deleting twice succeeds.
func (q *Queue) DeleteBatch(ctx context.Context, receipts []string) []error {
	if len(receipts) == 0 {
		return nil
	}
	in := &sqs.DeleteMessageBatchInput{
		QueueUrl: &q.url,
		Entries:  make([]types.DeleteMessageBatchRequestEntry, len(receipts)),
	}
	for i, r := range receipts {
		in.Entries[i] = types.DeleteMessageBatchRequestEntry{Id: entryID(i), ReceiptHandle: aws.String(r)}
	}
	call, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	out, err := q.client.DeleteMessageBatch(call, in)
	if err != nil {
		return all(len(receipts), fmt.Errorf("deleting messages: %w", classify(ctx, err)))
	}
	a := newAnswers("deleting a message", len(receipts))
	for _, ok := range out.Successful {
		a.done(ok.Id)
	}
	a.failed(out.Failed)
	return a.errors()
}

// ExtendBatch implements queue.Receiver, in whole seconds, rounded up, at most SQS's 12
// hours. SQS counts those from the first delivery and refuses an extension beyond them.
func (q *Queue) ExtendBatch(ctx context.Context, receipts []string, d time.Duration) []error {
	if len(receipts) == 0 {
		return nil
	}
	seconds := int32(min(ceilSecond(d), maxVisibility) / time.Second)
	in := &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &q.url,
		Entries:  make([]types.ChangeMessageVisibilityBatchRequestEntry, len(receipts)),
	}
	for i, r := range receipts {
		in.Entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id: entryID(i), ReceiptHandle: aws.String(r), VisibilityTimeout: seconds,
		}
	}
	call, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	out, err := q.client.ChangeMessageVisibilityBatch(call, in)
	if err != nil {
		return all(len(receipts), fmt.Errorf("extending messages: %w", classify(ctx, err)))
	}
	a := newAnswers("extending a message", len(receipts))
	for _, ok := range out.Successful {
		a.done(ok.Id)
	}
	a.failed(out.Failed)
	return a.errors()
}
