package main

import (
	"context"
	"sync"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/lambda"
)

// sending counts the requests sent through a client.
type sending struct {
	sqs.API

	mu sync.Mutex
	f  figures
}

// SendMessageBatch counts a request and what the queue accepted.
func (s *sending) SendMessageBatch(ctx context.Context, in *awssqs.SendMessageBatchInput, o ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error) {
	out, err := s.API.SendMessageBatch(ctx, in, o...)
	s.mu.Lock()
	defer s.mu.Unlock()
	var payload, alone int64
	for i := range in.Entries {
		body, attributes := int64(len(*in.Entries[i].MessageBody)), attributesOf(in.Entries[i].MessageAttributes)
		s.f.BodyBytes, s.f.AttributeBytes = s.f.BodyBytes+body, s.f.AttributeBytes+attributes
		payload += body + attributes
		alone += chunksOf(body + attributes)
	}
	s.f.Messages += int64(len(in.Entries))
	s.f.Sends++ // a failed request is billed too
	s.f.SendChunks += chunksOf(payload)
	s.f.ChunksAlone += alone
	return out, err
}

// attributesOf returns the size of attributes: names, types and values.
func attributesOf(all map[string]types.MessageAttributeValue) (n int64) {
	for name, v := range all {
		n += int64(len(name)) + int64(len(*v.DataType)) + int64(len(v.BinaryValue))
		if v.StringValue != nil {
			n += int64(len(*v.StringValue))
		}
	}
	return n
}

// receiving counts the requests of a mapping.
type receiving struct {
	source lambda.Source
	queue.Receiver

	mu sync.Mutex
	f  figures
}

// ReceiveMessage counts a request by the size of its response.
func (r *receiving) ReceiveMessage(ctx context.Context, in *awssqs.ReceiveMessageInput, o ...func(*awssqs.Options)) (*awssqs.ReceiveMessageOutput, error) {
	out, err := r.source.ReceiveMessage(ctx, in, o...)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(out.Messages) == 0 {
		r.f.Empty++
		return out, nil
	}
	var payload int64
	for i := range out.Messages {
		payload += int64(len(*out.Messages[i].Body)) + attributesOf(out.Messages[i].MessageAttributes)
	}
	r.f.Receives++
	r.f.ReceiveChunks += chunksOf(payload)
	return out, nil
}

// DeleteBatch counts a request; receipts are no payload.
func (r *receiving) DeleteBatch(ctx context.Context, receipts []string) []error {
	r.mu.Lock()
	r.f.Deletes++
	r.mu.Unlock()
	return r.Receiver.DeleteBatch(ctx, receipts)
}

// oneAtATime runs one invocation at a time, because on AWS invocations do not share a CPU.
type oneAtATime struct {
	*lambda.Function
	mu sync.Mutex
}

// Invoke waits its turn; the function's duration does not include that.
func (o *oneAtATime) Invoke(ctx context.Context, in lambda.Invocation) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Function.Invoke(ctx, in)
}
