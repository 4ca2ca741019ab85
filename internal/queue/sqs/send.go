package sqs

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue"
)

// SendBatch implements queue.Sender. The SDK compares the MD5 of each body with the one
// in SQS's response.
func (q *Queue) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	if len(batch) == 0 {
		return nil
	}
	in := &sqs.SendMessageBatchInput{
		QueueUrl: &q.url,
		Entries:  make([]types.SendMessageBatchRequestEntry, len(batch)),
	}
	for i, m := range batch {
		in.Entries[i] = types.SendMessageBatchRequestEntry{
			Id:                entryID(i),
			MessageBody:       aws.String(m.Body),
			MessageAttributes: attributesOut(m.Attributes),
		}
		if m.TraceHeader != "" {
			in.Entries[i].MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
				string(types.MessageSystemAttributeNameForSendsAWSTraceHeader): {DataType: aws.String("String"), StringValue: &m.TraceHeader},
			}
		}
	}
	call, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	out, err := q.client.SendMessageBatch(call, in)
	if err != nil {
		return all(len(batch), fmt.Errorf("sending messages: %w", classify(ctx, err)))
	}
	a := newAnswers("sending a message", len(batch))
	for _, ok := range out.Successful {
		a.done(ok.Id)
	}
	a.failed(out.Failed)
	return a.errors() //mutant:answered-batch-counts-as-sent
}

func attributesOut(a map[string]string) map[string]types.MessageAttributeValue {
	if len(a) == 0 {
		return nil
	}
	out := make(map[string]types.MessageAttributeValue, len(a))
	for name, value := range a {
		out[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	return out
}
