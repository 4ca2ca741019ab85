// Package conformance checks through the AWS SDK that a server behaves as Amazon SQS is documented.
//
// The same cases run on every server. A known difference of a server is declared with its reason, and the suite fails
// if the server does not differ as declared.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"
)

// Deviation is a case that a server is known to fail.
type Deviation struct {
	Case   string
	Reason string
	// Checks are the beginnings of the faults that the case reports; it must report all of them and no other. If
	// empty, any faults are expected.
	Checks []string
}

// Suite runs every case on the server that newClient's client talks to. Cases use their own queues and run in
// parallel. The client may retry only what is retryable.
func Suite(t *testing.T, newClient func(*testing.T) *sqs.Client, deviations ...Deviation) {
	t.Helper()
	declared := map[string]Deviation{}
	for _, d := range deviations {
		if d.Reason == "" || !slices.ContainsFunc(cases(), func(c testCase) bool { return c.name == d.Case }) {
			t.Fatalf("deviation %q has no reason or is of no case", d.Case)
		}
		declared[d.Case] = d
	}
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := &exchange{ctx: t.Context(), client: newClient(t), tag: strings.ReplaceAll(uuid.NewString(), "-", "")[:12]}
			x.run(c.run)
			d, differs := declared[c.name]
			if differs && len(x.faults) == 0 {
				t.Errorf("the server is declared to differ (%s), but does not: remove the deviation", d.Reason)
			}
			for _, fault := range x.faults {
				if differs && d.covers(fault) {
					t.Logf("differs as declared: %s: %s", d.Reason, fault)
				} else {
					t.Error(fault)
				}
			}
			for _, check := range d.Checks {
				if !slices.ContainsFunc(x.faults, func(fault string) bool { return strings.HasPrefix(fault, check) }) {
					t.Errorf("the server is declared to differ in %q (%s), but does not: remove it", check, d.Reason)
				}
			}
		})
	}
}

func (d Deviation) covers(fault string) bool {
	return len(d.Checks) == 0 ||
		slices.ContainsFunc(d.Checks, func(check string) bool { return strings.HasPrefix(fault, check) })
}

type testCase struct {
	name string
	run  func(*exchange)
}

func cases() []testCase {
	return slices.Concat(queueCases(), attributeCases(), messageCases(), batchCases(), receiptCases(), redriveCases(), moveCases())
}

// exchange is one case's conversation with a server. It collects faults instead of failing a test, so that declared
// deviations can be told from failures.
type exchange struct {
	ctx    context.Context
	client *sqs.Client
	tag    string
	faults []string
}

// stop ends a case early.
type stop struct{}

func (x *exchange) run(f func(*exchange)) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(stop); !ok {
				panic(r)
			}
		}
	}()
	f(x)
}

func (x *exchange) errorf(format string, args ...any) {
	x.faults = append(x.faults, fmt.Sprintf(format, args...))
}

func (x *exchange) fatalf(format string, args ...any) {
	x.errorf(format, args...)
	panic(stop{})
}

// ok ends the case on an error.
func (x *exchange) ok(err error) {
	if err != nil {
		x.fatalf("unexpected error: %v", err)
	}
}

// equal compares got with want.
func equal[T comparable](x *exchange, what string, got, want T) {
	if got != want {
		x.errorf("%s: got %v, want %v", what, got, want)
	}
}

// refused checks an error's code as SDKs report it.
func (x *exchange) refused(what string, err error, code string) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		x.errorf("%s: got error %v, want %s", what, err, code)
		return
	}
	if api.ErrorCode() != code {
		x.errorf("%s: got %s (%s), want %s", what, api.ErrorCode(), api.ErrorMessage(), code)
	}
}

// typed checks that an error has the SDK's type T.
func typed[T error](x *exchange, what string, err error) {
	var target T
	if !errors.As(err, &target) {
		x.errorf("%s: got error %v, want a %T", what, err, target)
	}
}

func (x *exchange) name(suffix string) string { return x.tag + "-" + suffix }

// queue creates a queue and returns its URL.
func (x *exchange) queue(suffix string, attributes map[string]string) string {
	out, err := x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{QueueName: aws.String(x.name(suffix)), Attributes: attributes})
	x.ok(err)
	return *out.QueueUrl
}

func (x *exchange) attribute(queue string, name types.QueueAttributeName) string {
	out, err := x.client.GetQueueAttributes(x.ctx, &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{name}})
	x.ok(err)
	return out.Attributes[string(name)]
}

func (x *exchange) arn(queue string) string {
	return x.attribute(queue, types.QueueAttributeNameQueueArn)
}

func (x *exchange) set(queue, name, value string) error {
	_, err := x.client.SetQueueAttributes(x.ctx, &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: map[string]string{name: value}})
	return err
}

// send sends a body and returns the message's id.
func (x *exchange) send(queue, body string) string {
	out, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
	x.ok(err)
	return *out.MessageId
}

// receive receives up to ten messages at once, with every attribute.
func (x *exchange) receive(queue string, visibility int32) []types.Message {
	out, err := x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: 10, VisibilityTimeout: visibility,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	x.ok(err)
	return out.Messages
}

// one receives exactly one message.
func (x *exchange) one(queue string, visibility int32) types.Message {
	messages := x.receive(queue, visibility)
	if len(messages) != 1 {
		x.fatalf("received %d messages, want 1", len(messages))
	}
	return messages[0]
}

// redrive gives the queue a dead-letter queue.
func (x *exchange) redrive(queue, dead string, most int) {
	x.ok(x.set(queue, "RedrivePolicy", fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, x.arn(dead), most)))
}
