package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func batchCases() []testCase {
	return []testCase{
		{"Batches", batches},
		{"BatchErrors", batchErrors},
		{"BatchTooLong", batchTooLong},
		{"BatchOfOneMiB", batchOfOneMiB},
		{"BatchWithOneBad", batchWithOneBad},
		{"DeleteBatchWithOneBad", deleteBatchWithOneBad},
		{"VisibilityBatchWithOneBad", visibilityBatchWithOneBad},
	}
}

func entries(n int) []types.SendMessageBatchRequestEntry {
	list := make([]types.SendMessageBatchRequestEntry, n)
	for i := range list {
		list[i] = types.SendMessageBatchRequestEntry{Id: ptr(fmt.Sprint("e-", i)), MessageBody: ptr(fmt.Sprint("body ", i))}
	}
	return list
}

func (x *exchange) sendBatch(queue string, list []types.SendMessageBatchRequestEntry) (*sqs.SendMessageBatchOutput, error) {
	return x.client.SendMessageBatch(x.ctx, &sqs.SendMessageBatchInput{QueueUrl: &queue, Entries: list})
}

func batches(x *exchange) {
	queue := x.queue("q", nil)
	list := entries(10)
	list[3].MessageAttributes = map[string]types.MessageAttributeValue{"a": text("v")}
	out, err := x.sendBatch(queue, list)
	x.ok(err)
	equal(x, "sent", len(out.Successful), 10)
	equal(x, "not sent", len(out.Failed), 0)
	var visible []types.ChangeMessageVisibilityBatchRequestEntry
	var deleted []types.DeleteMessageBatchRequestEntry
	var got []string
	for len(got) < 10 {
		messages := x.receive(queue, 60)
		if len(messages) == 0 {
			x.fatalf("received %d of 10", len(got))
		}
		for _, m := range messages {
			id := ptr(fmt.Sprint(len(got)))
			got = append(got, *m.Body)
			visible = append(visible, types.ChangeMessageVisibilityBatchRequestEntry{Id: id, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 100})
			deleted = append(deleted, types.DeleteMessageBatchRequestEntry{Id: id, ReceiptHandle: m.ReceiptHandle})
		}
	}
	slices.Sort(got)
	equal(x, "different bodies", len(slices.Compact(got)), 10)
	changed, err := x.client.ChangeMessageVisibilityBatch(x.ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &queue, Entries: visible})
	x.ok(err)
	equal(x, "changed", len(changed.Successful), 10)
	gone, err := x.client.DeleteMessageBatch(x.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &queue, Entries: deleted})
	x.ok(err)
	equal(x, "deleted", len(gone.Successful), 10)
	equal(x, "left in flight", x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"), "0")
}

func batchErrors(x *exchange) {
	queue := x.queue("q", nil)
	_, err := x.sendBatch(queue, []types.SendMessageBatchRequestEntry{})
	typed[*types.EmptyBatchRequest](x, "no entries", err)
	_, err = x.sendBatch(queue, entries(11))
	typed[*types.TooManyEntriesInBatchRequest](x, "11 entries", err)
	same := entries(2)
	same[1].Id = same[0].Id
	_, err = x.sendBatch(queue, same)
	typed[*types.BatchEntryIdsNotDistinct](x, "the same id twice", err)
	for _, id := range []string{"a b", "é", strings.Repeat("i", 81)} {
		bad := entries(1)
		bad[0].Id = &id
		_, err = x.sendBatch(queue, bad)
		typed[*types.InvalidBatchEntryId](x, "id "+id, err)
	}
	_, err = x.client.DeleteMessageBatch(x.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &queue, Entries: []types.DeleteMessageBatchRequestEntry{}})
	typed[*types.EmptyBatchRequest](x, "nothing to delete", err)
	_, err = x.client.ChangeMessageVisibilityBatch(x.ctx, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &queue, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{},
	})
	typed[*types.EmptyBatchRequest](x, "nothing to change", err)
	equal(x, "messages", x.attribute(queue, "ApproximateNumberOfMessages"), "0")
}

func batchTooLong(x *exchange) {
	queue := x.queue("q", nil)
	list := entries(2)
	list[0].MessageBody = ptr(strings.Repeat("x", 600_000))
	list[1].MessageBody = ptr(strings.Repeat("y", 448_577))
	_, err := x.sendBatch(queue, list)
	typed[*types.BatchRequestTooLong](x, "a byte more than 1 MiB", err)
	equal(x, "messages", x.attribute(queue, "ApproximateNumberOfMessages"), "0")
}

func batchOfOneMiB(x *exchange) {
	queue := x.queue("q", nil)
	list := entries(2)
	list[0].MessageBody = ptr(strings.Repeat("x", 600_000))
	list[1].MessageBody = ptr(strings.Repeat("y", 448_576))
	out, err := x.sendBatch(queue, list)
	x.ok(err)
	equal(x, "sent", len(out.Successful), 2)
}

// failed returns the one failed entry.
func (x *exchange) failed(list []types.BatchResultErrorEntry) types.BatchResultErrorEntry {
	if len(list) != 1 {
		x.fatalf("%d entries failed, want 1", len(list))
	}
	return list[0]
}

func batchWithOneBad(x *exchange) {
	queue := x.queue("q", nil)
	list := entries(3)
	list[1].MessageBody = ptr("a\x00")
	out, err := x.sendBatch(queue, list)
	x.ok(err)
	f := x.failed(out.Failed)
	equal(x, "failed id", *f.Id, "e-1")
	equal(x, "code", *f.Code, "InvalidMessageContents")
	equal(x, "the sender's fault", f.SenderFault, true)
	equal(x, "sent", len(out.Successful), 2)
	equal(x, "messages", x.attribute(queue, "ApproximateNumberOfMessages"), "2")
}

func deleteBatchWithOneBad(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	out, err := x.client.DeleteMessageBatch(x.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &queue, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: ptr("good"), ReceiptHandle: m.ReceiptHandle}, {Id: ptr("bad"), ReceiptHandle: ptr("garbage")},
	}})
	x.ok(err)
	f := x.failed(out.Failed)
	equal(x, "failed id", *f.Id, "bad")
	equal(x, "code", *f.Code, "ReceiptHandleIsInvalid")
	equal(x, "the sender's fault", f.SenderFault, true)
	equal(x, "left in flight", x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"), "0")
}

func visibilityBatchWithOneBad(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	out, err := x.client.ChangeMessageVisibilityBatch(x.ctx, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &queue, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: ptr("good"), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0},
			{Id: ptr("bad"), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 43201},
		},
	})
	x.ok(err)
	f := x.failed(out.Failed)
	equal(x, "failed id", *f.Id, "bad")
	equal(x, "code", *f.Code, "InvalidParameterValue")
	equal(x, "visible", x.attribute(queue, "ApproximateNumberOfMessages"), "1")
}
