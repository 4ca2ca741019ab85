package sqsserver_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/local/sqsserver"
)

func newServer(tb testing.TB, o sqsserver.Options) *sqsserver.Server {
	tb.Helper()
	server, err := sqsserver.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Close(); err != nil {
			tb.Error(err)
		}
	})
	return server
}

// newClient returns an SDK client that talks to the server in process and does not retry.
func newClient(server *sqsserver.Server) *awssqs.Client {
	return awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sqs.local"), HTTPClient: server.Client(), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// talk is a client whose methods fail the test on an error.
type talk struct {
	*testing.T
	client *awssqs.Client
}

func newTalk(t *testing.T, o sqsserver.Options) (talk, *sqsserver.Server) {
	t.Helper()
	server := newServer(t, o)
	return talk{t, newClient(server)}, server
}

func (k talk) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k talk) queue(name string, attributes map[string]string) string {
	k.Helper()
	out, err := k.client.CreateQueue(k.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	k.must(err)
	return *out.QueueUrl
}

func (k talk) send(queue, body string) string {
	k.Helper()
	out, err := k.client.SendMessage(k.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
	k.must(err)
	return *out.MessageId
}

func (k talk) receive(queue string, wait int32) []types.Message {
	k.Helper()
	out, err := k.client.ReceiveMessage(k.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: 10, WaitTimeSeconds: wait, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	k.must(err)
	return out.Messages
}

// one receives exactly one message.
func (k talk) one(queue string, wait int32) types.Message {
	k.Helper()
	messages := k.receive(queue, wait)
	if len(messages) != 1 {
		k.Fatalf("received %d messages, want 1", len(messages))
	}
	return messages[0]
}

func (k talk) none(queue string) {
	k.Helper()
	if messages := k.receive(queue, 0); len(messages) != 0 {
		k.Fatalf("received %d messages, want none", len(messages))
	}
}

func (k talk) delete(queue string, m types.Message) {
	k.Helper()
	_, err := k.client.DeleteMessage(k.Context(), &awssqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle})
	k.must(err)
}

func (k talk) visibility(queue string, m types.Message, seconds int32) error {
	_, err := k.client.ChangeMessageVisibility(k.Context(), &awssqs.ChangeMessageVisibilityInput{
		QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
	})
	return err
}

func (k talk) attributes(queue string) map[string]string {
	k.Helper()
	out, err := k.client.GetQueueAttributes(k.Context(), &awssqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	k.must(err)
	return out.Attributes
}

func (k talk) set(queue string, attributes map[string]string) {
	k.Helper()
	_, err := k.client.SetQueueAttributes(k.Context(), &awssqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: attributes})
	k.must(err)
}

// counted checks the numbers of visible, in-flight and delayed messages.
func (k talk) counted(queue, visible, inFlight, delayed string) {
	k.Helper()
	a := k.attributes(queue)
	got := [3]string{
		a["ApproximateNumberOfMessages"], a["ApproximateNumberOfMessagesNotVisible"], a["ApproximateNumberOfMessagesDelayed"],
	}
	if want := [3]string{visible, inFlight, delayed}; got != want {
		k.Errorf("visible, in flight and delayed messages: got %v, want %v", got, want)
	}
}

// noLimit lets a retryer retry without a quota.
type noLimit struct{}

func (noLimit) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}

func (noLimit) AddTokens(uint) error { return nil }
