package sqs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue"
)

// Receive implements queue.Receiver. It polls for whole seconds, rounded up, at most SQS's 20; for a
// wait of zero the queue's ReceiveMessageWaitTimeSeconds applies. It returns at most SQS's 10
// messages.
//
// When ctx ends it drops the connection at once. Messages that SQS had already put in flight for a
// response still on its way become visible again after their visibility timeout
// (Options.Visibility), with a receive count one higher. The client cannot prevent that, because it
// does not have their receipts yet. A caller that stops often should poll for short times and check
// ctx in between. A response that has arrived is never dropped: it is returned without an error even
// if ctx has ended meanwhile.
func (q *Queue) Receive(ctx context.Context, limit int, wait time.Duration) ([]queue.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("receiving messages: %w", err)
	}
	wait = min(ceilSecond(wait), maxWait)
	call, cancel := context.WithTimeout(ctx, maxWait+answerTime)
	defer cancel()
	out, err := q.client.ReceiveMessage(call, &sqs.ReceiveMessageInput{
		QueueUrl:              &q.url,
		MaxNumberOfMessages:   int32(min(limit, maxEntries)),
		WaitTimeSeconds:       int32(wait / time.Second),
		VisibilityTimeout:     int32(min(ceilSecond(q.opts.Visibility), maxVisibility) / time.Second),
		MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameSentTimestamp,
			types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp,
			types.MessageSystemAttributeNameApproximateReceiveCount,
			types.MessageSystemAttributeNameDeadLetterQueueSourceArn,
			types.MessageSystemAttributeNameAWSTraceHeader,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("receiving messages: %w", classify(ctx, err))
	}
	messages := make([]queue.Message, len(out.Messages))
	for i, m := range out.Messages {
		messages[i] = message(m)
		messages[i].Queue = q.url[strings.LastIndexByte(q.url, '/')+1:]
	}
	return messages, nil
}

func message(m types.Message) queue.Message {
	system := func(name types.MessageSystemAttributeName) string { return m.Attributes[string(name)] }
	out := queue.Message{
		ID:               aws.ToString(m.MessageId),
		Receipt:          aws.ToString(m.ReceiptHandle),
		Body:             aws.ToString(m.Body),
		SentAt:           millis(system(types.MessageSystemAttributeNameSentTimestamp)),
		FirstReceivedAt:  millis(system(types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp)),
		DeadLetterSource: system(types.MessageSystemAttributeNameDeadLetterQueueSourceArn),
		TraceHeader:      system(types.MessageSystemAttributeNameAWSTraceHeader),
		// At least this delivery counts, even if SQS sends no count.
		ReceiveCount: 1,
	}
	if n, err := strconv.Atoi(system(types.MessageSystemAttributeNameApproximateReceiveCount)); err == nil && n > 1 {
		out.ReceiveCount = n
	}
	for name, value := range m.MessageAttributes {
		if value.StringValue == nil {
			// Binary attributes are not from our senders.
			continue
		}
		if out.Attributes == nil {
			out.Attributes = make(map[string]string, len(m.MessageAttributes))
		}
		out.Attributes[name] = *value.StringValue
	}
	return out
}

// millis parses SQS's timestamps, in Unix milliseconds.
func millis(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

func ceilSecond(d time.Duration) time.Duration {
	return max(d+time.Second-1, 0).Truncate(time.Second)
}
