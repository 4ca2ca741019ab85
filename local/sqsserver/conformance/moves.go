package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func moveCases() []testCase {
	return []testCase{
		{"MoveBackToSources", moveBackToSources},
		{"MoveToDestination", moveToDestination},
		{"MoveErrors", moveErrors},
		{"MoveCancelled", moveCancelled},
		{"MoveWithoutSource", moveWithoutSource},
	}
}

// deadLetters fills a dead-letter queue with n messages from a queue, and returns their ids.
func (x *exchange) deadLetters(queue string, n int) []string {
	var ids []string
	for i := range n {
		ids = append(ids, x.send(queue, fmt.Sprint("m", i)))
	}
	// Each message may be received once and is visible again at once; the next receive moves
	// them all.
	for received := 0; received < n; {
		messages := x.receive(queue, 0)
		if len(messages) == 0 {
			x.fatalf("received %d of %d", received, n)
		}
		received += len(messages)
	}
	if left := x.receive(queue, 0); len(left) != 0 {
		x.fatalf("%d messages left", len(left))
	}
	return ids
}

func (x *exchange) startMove(dead string, destination *string, rate int32) (string, error) {
	in := &sqs.StartMessageMoveTaskInput{SourceArn: ptr(x.arn(dead)), DestinationArn: destination}
	if rate != 0 {
		in.MaxNumberOfMessagesPerSecond = &rate
	}
	out, err := x.client.StartMessageMoveTask(x.ctx, in)
	if err != nil {
		return "", err
	}
	return *out.TaskHandle, nil
}

func (x *exchange) task(dead string) types.ListMessageMoveTasksResultEntry {
	out, err := x.client.ListMessageMoveTasks(x.ctx, &sqs.ListMessageMoveTasksInput{SourceArn: ptr(x.arn(dead))})
	x.ok(err)
	if len(out.Results) != 1 {
		x.fatalf("%d tasks listed, want 1", len(out.Results))
	}
	return out.Results[0]
}

// ended waits until the dead-letter queue's task is over.
func (x *exchange) ended(dead string) types.ListMessageMoveTasksResultEntry {
	for range 100 {
		if t := x.task(dead); *t.Status != "RUNNING" {
			return t
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.fatalf("the task does not end")
	return types.ListMessageMoveTasksResultEntry{}
}

// setUp creates a dead-letter queue and a queue that moves messages to it after one receive.
func (x *exchange) setUp() (dead, queue string) {
	dead = x.queue("dead", nil)
	queue = x.queue("q", map[string]string{"VisibilityTimeout": "0"})
	x.redrive(queue, dead, 1)
	return dead, queue
}

func moveBackToSources(x *exchange) {
	dead, queue := x.setUp()
	ids := x.deadLetters(queue, 3)
	equal(x, "dead letters", x.attribute(dead, "ApproximateNumberOfMessages"), "3")
	_, err := x.startMove(dead, nil, 0)
	x.ok(err)
	t := x.ended(dead)
	equal(x, "status", *t.Status, "COMPLETED")
	equal(x, "moved", t.ApproximateNumberOfMessagesMoved, 3)
	equal(x, "no handle once over", t.TaskHandle == nil, true)
	equal(x, "no destination", t.DestinationArn == nil, true)
	messages := x.receive(queue, 60)
	equal(x, "messages back", len(messages), 3)
	for _, m := range messages {
		equal(x, "new id", slices.Contains(ids, *m.MessageId), false)
		equal(x, "receive count", m.Attributes["ApproximateReceiveCount"], "1")
	}
	equal(x, "dead letters left", x.attribute(dead, "ApproximateNumberOfMessages"), "0")
}

func moveToDestination(x *exchange) {
	dead, queue := x.setUp()
	other := x.queue("other", nil)
	x.deadLetters(queue, 2)
	_, err := x.startMove(dead, ptr(x.arn(other)), 500)
	x.ok(err)
	t := x.ended(dead)
	equal(x, "status", *t.Status, "COMPLETED")
	if t.DestinationArn == nil || t.MaxNumberOfMessagesPerSecond == nil {
		x.fatalf("destination or rate not listed")
	}
	equal(x, "destination", *t.DestinationArn, x.arn(other))
	equal(x, "rate", *t.MaxNumberOfMessagesPerSecond, 500)
	equal(x, "messages", x.attribute(other, "ApproximateNumberOfMessages"), "2")
}

func moveErrors(x *exchange) {
	dead, queue := x.setUp()
	_, err := x.client.StartMessageMoveTask(x.ctx, &sqs.StartMessageMoveTaskInput{SourceArn: ptr(x.arn(dead) + "-none")})
	typed[*types.ResourceNotFoundException](x, "from no queue", err)
	_, err = x.startMove(queue, nil, 0)
	x.refused("from a queue that is nobody's dead-letter queue", err, "InvalidParameterValue")
	_, err = x.startMove(dead, ptr(x.arn(dead)+"-none"), 0)
	typed[*types.ResourceNotFoundException](x, "to no queue", err)
	_, err = x.startMove(dead, nil, 501)
	x.refused("501 a second", err, "InvalidParameterValue")
	_, err = x.client.CancelMessageMoveTask(x.ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: ptr("garbage")})
	x.refused("cancelling nothing", err, "InvalidParameterValue")
}

func moveCancelled(x *exchange) {
	dead, queue := x.setUp()
	x.deadLetters(queue, 10)
	handle, err := x.startMove(dead, nil, 1)
	x.ok(err)
	_, err = x.startMove(dead, nil, 1)
	typed[*types.UnsupportedOperation](x, "a second task", err)
	equal(x, "status", *x.task(dead).Status, "RUNNING")
	out, err := x.client.CancelMessageMoveTask(x.ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
	x.ok(err)
	equal(x, "all moved", out.ApproximateNumberOfMessagesMoved < 10, true)
	equal(x, "status", *x.task(dead).Status, "CANCELLED")
	_, err = x.client.CancelMessageMoveTask(x.ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
	typed[*types.UnsupportedOperation](x, "cancelling it again", err)
}

func moveWithoutSource(x *exchange) {
	dead, _ := x.setUp()
	x.send(dead, "sent here by hand")
	_, err := x.startMove(dead, nil, 0)
	x.ok(err)
	t := x.ended(dead)
	equal(x, "status", *t.Status, "FAILED")
	equal(x, "a reason", t.FailureReason != nil, true)
	equal(x, "still there", x.attribute(dead, "ApproximateNumberOfMessages"), "1")
}
