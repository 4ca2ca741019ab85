package conformance

import (
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func receiptCases() []testCase {
	return []testCase{
		{"GarbageHandle", garbageHandle},
		{"HandleOfOtherQueue", handleOfOtherQueue},
		{"DeleteTwice", deleteTwice},
		{"OldHandleDeletes", oldHandleDeletes},
		{"VisibilityZero", visibilityZero},
		{"VisibilityRange", visibilityRange},
		{"VisibilityOfVisible", visibilityOfVisible},
		{"VisibilityOfDeleted", visibilityOfDeleted},
	}
}

func (x *exchange) delete(queue string, m types.Message) error {
	_, err := x.client.DeleteMessage(x.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle})
	return err
}

func (x *exchange) visibility(queue string, m types.Message, seconds int32) error {
	_, err := x.client.ChangeMessageVisibility(x.ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
	})
	return err
}

func garbageHandle(x *exchange) {
	queue := x.queue("q", nil)
	garbage := types.Message{ReceiptHandle: ptr("garbage")}
	typed[*types.ReceiptHandleIsInvalid](x, "deleting", x.delete(queue, garbage))
	typed[*types.ReceiptHandleIsInvalid](x, "changing", x.visibility(queue, garbage, 1))
}

func handleOfOtherQueue(x *exchange) {
	queue, other := x.queue("q", nil), x.queue("other", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	typed[*types.ReceiptHandleIsInvalid](x, "deleting", x.delete(other, m))
	equal(x, "in flight", x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"), "1")
}

func deleteTwice(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	x.ok(x.delete(queue, m))
	x.ok(x.delete(queue, m))
}

func oldHandleDeletes(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	first := x.one(queue, 60)
	x.ok(x.visibility(queue, first, 0))
	second := x.one(queue, 60)
	equal(x, "a new handle per receive", *first.ReceiptHandle != *second.ReceiptHandle, true)
	x.ok(x.delete(queue, first))
	equal(x, "in flight", x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"), "0")
	equal(x, "visible", x.attribute(queue, "ApproximateNumberOfMessages"), "0")
	x.ok(x.delete(queue, second))
}

func visibilityZero(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	x.ok(x.visibility(queue, m, 0))
	again := x.one(queue, 60)
	equal(x, "receive count", again.Attributes["ApproximateReceiveCount"], "2")
	equal(x, "first receive", again.Attributes["ApproximateFirstReceiveTimestamp"], m.Attributes["ApproximateFirstReceiveTimestamp"])
}

func visibilityRange(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	x.refused("a second more than 12 hours", x.visibility(queue, m, 43201), "InvalidParameterValue")
	x.refused("less than nothing", x.visibility(queue, m, -1), "InvalidParameterValue")
	equal(x, "in flight", x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"), "1")
}

func visibilityOfVisible(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	x.ok(x.visibility(queue, m, 0))
	typed[*types.MessageNotInflight](x, "changing it again", x.visibility(queue, m, 10))
}

func visibilityOfDeleted(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	m := x.one(queue, 60)
	x.ok(x.delete(queue, m))
	x.refused("changing a deleted message", x.visibility(queue, m, 10), "InvalidParameterValue")
}
