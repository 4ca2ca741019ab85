package integration_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"polo/internal/queue/sqs"
	"polo/local/lambda"
	"polo/local/stack"
)

// hooked is a delivery without a time.
const hooked = `{"action":"member_added","membership":{"role":"admin","user":{"login":"Bob","id":8}},"organization":{"login":"Acme"},"sender":{"login":"Ada","id":7},"note":"Kept9"}`

// deliver puts deliveries of a webhook on a queue of the user's, which the function takes
// them from: one, the same again in the other form, one that is not signed, and one that is
// no JSON. The first two count once, the third moves to that queue's own dead-letter queue,
// the last is a letter.
func (p *platforms) deliver(t *testing.T, s *stack.Stack, programs string, env map[string]string) {
	t.Helper()
	client := sqs.NewClient(stack.AWSConfig(), s.Endpoints.SQS)
	url, arn := userQueue(t, client, "hooks-dlq", nil)
	refused := sqs.New(client, url, sqs.Options{})
	url, arn = userQueue(t, client, "hooks", map[string]string{"VisibilityTimeout": "2", "RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":"2"}`})
	hooks := sqs.New(client, url, sqs.Options{})

	// Its time is the event's: sent twice, the delivery counts once.
	guid, err := uuid.NewUUID()
	if err != nil {
		t.Fatal(err)
	}
	id, at := guid.String(), time.Unix(guid.Time().UnixTime()).UTC().Truncate(time.Millisecond).Format("2006-01-02 15:04:05.000")
	secret := p.planted["what webhooks are signed with"]
	for _, body := range []string{hooked, "no JSON"} {
		send(t, client, url, body, map[string]string{"X-GitHub-Event": "organization", "X-GitHub-Delivery": id, "X-Hub-Signature-256": p.sign(secret, body)})
	}
	wrapped, err := json.Marshal(map[string]any{
		"headers": map[string]string{"x-github-event": "organization", "x-github-delivery": id, "x-hub-signature-256": p.sign(secret, hooked)}, "body": hooked,
	})
	if err != nil {
		t.Fatal(err)
	}
	send(t, client, url, string(wrapped), nil)
	send(t, client, url, hooked, map[string]string{"X-GitHub-Event": "organization", "X-GitHub-Delivery": "forged", "X-Hub-Signature-256": p.sign("another", hooked)})

	functions := s.Functions(programs, slog.New(slog.DiscardHandler))
	fn, err := functions.Collector("github-webhooks", "github.webhooks", env)
	if err != nil {
		t.Fatal(err)
	}
	// Its queue delivers again what takes longer than two seconds, which is harmless.
	mapping, err := lambda.NewMapping(lambda.MappingConfig{
		Function: fn, Source: client, Queue: hooks, QueueURL: url, QueueARN: arn, Visibility: fn.Timeout(), ReportBatchItemFailures: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { mapping.Run(ctx) })
	within, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	err = stack.AwaitEmpty(within, hooks, 50*time.Millisecond, nil)
	cancel()
	running.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := functions.Close(); err != nil {
		t.Error(err)
	}
	if err := stack.AwaitEmpty(within, s.Queue, 50*time.Millisecond, nil); err != nil {
		t.Fatal(err)
	}
	got := texts(t, p.conn, "SELECT concat(event_type, ' ', arn, ' ', toString(ts)) AS text FROM resource_events FINAL WHERE source = 'github.webhooks' ORDER BY text")
	if diff := cmp.Diff([]string{"activity.service_event github:acme " + at, "resource.created github:acme/@member/bob " + at}, got); diff != "" {
		t.Errorf("events of webhooks (-want +got):\n%s", diff)
	}
	if stats, err := refused.Stats(t.Context()); err != nil || stats.Visible != 1 {
		t.Errorf("%+v on the user's own dead-letter queue: %v", stats, err)
	}
	p.oneLetter(t, "the payload is not a JSON object")
}

// sign returns a signature, which no table or letter may hold.
func (p *platforms) sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	digits := hex.EncodeToString(mac.Sum(nil))
	p.planted["the signature of "+body] = digits
	return "sha256=" + digits
}

// forgetSignatures is for what looks into the user's own queue, where they are.
func (p *platforms) forgetSignatures() {
	for where := range p.planted {
		if strings.HasPrefix(where, "the signature of ") {
			delete(p.planted, where)
		}
	}
}

// userQueue makes a queue that is not Polo's.
func userQueue(t *testing.T, client *awssqs.Client, name string, attributes map[string]string) (url, arn string) {
	t.Helper()
	made, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	of, err := client.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: made.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(made.QueueUrl), of.Attributes["QueueArn"]
}

// send sends a message as a receiver of webhooks does.
func send(t *testing.T, client *awssqs.Client, url, body string, attributes map[string]string) {
	t.Helper()
	in := &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, MessageAttributes: map[string]types.MessageAttributeValue{}}
	for name, value := range attributes {
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	if _, err := client.SendMessage(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}
