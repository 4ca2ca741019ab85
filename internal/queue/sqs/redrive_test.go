package sqs_test

import (
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/queue"
	"polo/internal/queue/sqs"
)

// A message that nobody acks becomes, once SQS has moved it, a failure that explains
// itself.
func TestRedrivenMessageReadsAsFailure(t *testing.T) {
	t.Parallel()
	server, endpoint := startLocal(t)
	cfg := testConfig()
	cfg.HTTPClient = server.Client()
	client := sqs.NewClient(cfg, endpoint)
	create := func(name string, attributes map[string]string) *sqs.Queue {
		if _, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes}); err != nil {
			t.Fatal(err)
		}
		q, err := sqs.Open(t.Context(), client, name)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	dead := create("events-dlq", nil)
	events := create("events", map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:events-dlq","maxReceiveCount":2}`,
	})
	out := queue.Outgoing{Body: "pack", Attributes: map[string]string{queue.AttrReplayCount: "4"}}
	if err := queue.SendAll(t.Context(), events, []queue.Outgoing{out}, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
	var last queue.Message
	for {
		messages, err := events.Receive(t.Context(), 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			break
		}
		last = messages[0]
		if err := queue.ExtendAll(t.Context(), events, []string{last.Receipt}, 0, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
	}
	if last.ReceiveCount != 2 {
		t.Errorf("delivered %d times", last.ReceiveCount)
	}
	messages, err := dead.Receive(t.Context(), 1, time.Second)
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages in the dead-letter queue, error %v", len(messages), err)
	}
	f, err := queue.ParseFailure(messages[0])
	if err != nil {
		t.Fatal(err)
	}
	if f.Reason != queue.ReasonRedriven || f.Origin != "events" || string(f.Body) != "pack" || f.MessageID != last.ID ||
		!f.FirstSeen.Equal(last.SentAt) || f.ReplayCount != 4 {
		t.Errorf("reads as %+v", f)
	}
}
