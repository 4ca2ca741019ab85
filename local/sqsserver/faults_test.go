package sqsserver_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/local/sqsserver"
)

func batch(n int) []types.SendMessageBatchRequestEntry {
	list := make([]types.SendMessageBatchRequestEntry, n)
	for i := range list {
		list[i] = types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: aws.String(fmt.Sprint("m", i))}
	}
	return list
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	server.SetFaults(sqsserver.Faults{Throttle: 1})
	_, err := k.client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m")})
	var throttled *types.RequestThrottled
	if !errors.As(err, &throttled) {
		t.Fatalf("sending: %v", err)
	}
	if (retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}).IsErrorThrottle(err) != aws.TrueTernary {
		t.Errorf("the SDK does not take it for throttling: %v", err)
	}
	server.SetFaults(sqsserver.Faults{})
	k.none(queue)
}

func TestServerError(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	server.SetFaults(sqsserver.Faults{ServerError: 1})
	_, err := k.client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m")})
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) || answer.HTTPStatusCode() < 500 {
		t.Fatalf("sending: %v", err)
	}
	server.SetFaults(sqsserver.Faults{})
	k.none(queue)
}

// TestRetriesGetThrough: the SDK's retryer overcomes throttling and server errors.
func TestRetriesGetThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, server := newTalk(t, sqsserver.Options{})
		queue := k.queue("q", nil)
		server.SetFaults(sqsserver.Faults{Seed: 4, Throttle: 0.3, ServerError: 0.3})
		options := k.client.Options()
		options.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 30
			o.RateLimiter = noLimit{}
		})
		client := awssqs.New(options)
		for range 50 {
			_, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m")})
			k.must(err)
		}
		server.SetFaults(sqsserver.Faults{})
		k.counted(queue, "50", "0", "0")
	})
}

func TestLostAck(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	server.SetFaults(sqsserver.Faults{LostAck: 1})
	_, err := k.client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("single")})
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) || answer.HTTPStatusCode() != 500 {
		t.Errorf("sending: %v", err)
	}
	if _, err = k.client.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: &queue, Entries: batch(3)}); err == nil {
		t.Error("sending a batch was acknowledged")
	}
	k.counted(queue, "4", "0", "0")
	m := k.receive(queue, 0)
	if len(m) != 4 {
		t.Fatalf("received %d messages", len(m))
	}
	if _, err = k.client.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m[0].ReceiptHandle}); err == nil {
		t.Error("deleting was acknowledged")
	}
	k.counted(queue, "0", "3", "0")
}

func TestPartialBatch(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	server.SetFaults(sqsserver.Faults{Seed: 1, PartialBatch: 0.4})
	out, err := k.client.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: &queue, Entries: batch(10)})
	k.must(err)
	if len(out.Failed) == 0 || len(out.Successful) == 0 || len(out.Failed)+len(out.Successful) != 10 {
		t.Fatalf("%d entries failed, %d did not", len(out.Failed), len(out.Successful))
	}
	for _, f := range out.Failed {
		if f.SenderFault || *f.Code != "InternalError" {
			t.Errorf("entry %s: %s, sender's fault %v", *f.Id, *f.Code, f.SenderFault)
		}
	}
	server.SetFaults(sqsserver.Faults{Seed: 2, PartialBatch: 0.4})
	messages := k.receive(queue, 0)
	if len(messages) != len(out.Successful) {
		t.Errorf("%d messages of %d sent", len(messages), len(out.Successful))
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for _, m := range messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	gone, err := k.client.DeleteMessageBatch(t.Context(), &awssqs.DeleteMessageBatchInput{QueueUrl: &queue, Entries: entries})
	k.must(err)
	if len(gone.Failed) == 0 || len(gone.Successful) == 0 {
		t.Fatalf("%d entries failed, %d did not", len(gone.Failed), len(gone.Successful))
	}
	k.counted(queue, "0", fmt.Sprint(len(gone.Failed)), "0")
}

func TestDuplicate(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	server.SetFaults(sqsserver.Faults{Duplicate: 1})
	id := k.send(queue, "m")
	first := k.receive(queue, 0) // itself, and perhaps a duplicate at once
	again := k.receive(queue, 0)
	if len(again) != 1 || *again[0].MessageId != id {
		t.Fatalf("received %d messages while it was in flight", len(again))
	}
	k.delete(queue, again[0])
	total := len(first) + len(again)
	for range 20 {
		for _, m := range k.receive(queue, 0) {
			if *m.MessageId != id || *m.Body != "m" {
				t.Fatalf("received %s", *m.Body)
			}
			total++
			k.delete(queue, m)
		}
	}
	if total != 3 {
		t.Errorf("delivered %d times, want once and twice again", total)
	}
	k.counted(queue, "0", "0", "0")
}

// TestDuplicateAfterDeletion: even a message whose deletion was acknowledged is redelivered
// once.
func TestDuplicateAfterDeletion(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	server.SetFaults(sqsserver.Faults{Duplicate: 1})
	id := k.send(queue, "m")
	out, err := k.client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue}) // no room for a duplicate of itself
	k.must(err)
	k.delete(queue, out.Messages[0])
	again := k.one(queue, 0)
	if *again.MessageId != id || *again.Body != "m" {
		t.Errorf("received %s", *again.Body)
	}
}

func TestReorder(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	var sent []string
	for i := range 30 {
		sent = append(sent, k.send(queue, fmt.Sprint(i)))
	}
	server.SetFaults(sqsserver.Faults{Seed: 3, Reorder: 1})
	var got []string
	for range 3 {
		for _, m := range k.receive(queue, 0) {
			got = append(got, *m.MessageId)
		}
	}
	if slices.Equal(got, sent) {
		t.Error("received in the order of sending")
	}
	slices.Sort(got)
	slices.Sort(sent)
	if !slices.Equal(got, sent) {
		t.Errorf("received %d different messages of %d", len(slices.Compact(got)), len(sent))
	}
}

func TestOrderWithoutFaults(t *testing.T) {
	t.Parallel()
	k, _ := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	for i := range 30 {
		k.send(queue, fmt.Sprint(i))
	}
	for i := 0; i < 30; {
		for _, m := range k.receive(queue, 0) {
			if *m.Body != fmt.Sprint(i) {
				t.Fatalf("message %d: %s", i, *m.Body)
			}
			i++
		}
	}
}

// TestFaultsFollowTheSeed runs the same requests three times, twice with the same seed.
func TestFaultsFollowTheSeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		k, server := newTalk(t, sqsserver.Options{})
		queue := k.queue("q", nil)
		server.SetFaults(sqsserver.Faults{Seed: seed, Duplicate: 0.3, Reorder: 0.3, Throttle: 0.1, ServerError: 0.1, PartialBatch: 0.2, LostAck: 0.1})
		var trace strings.Builder
		for range 40 {
			sent, err := k.client.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: &queue, Entries: batch(10)})
			if err == nil {
				for _, f := range sent.Failed {
					trace.WriteString("-" + *f.Id)
				}
			}
			got, err2 := k.client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
			if err2 == nil {
				for _, m := range got.Messages {
					trace.WriteString("+" + *m.Body)
				}
			}
			fmt.Fprintf(&trace, " %v %v\n", err == nil, err2 == nil)
		}
		return trace.String()
	}
	one, same, other := run(7), run(7), run(8)
	if one != same {
		t.Errorf("the same seed gave other faults:\n%s\n%s", one, same)
	}
	if one == other {
		t.Error("another seed gave the same faults")
	}
}
