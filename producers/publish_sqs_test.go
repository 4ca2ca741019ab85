package producers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/queue/queuetest"
	"polo/internal/queue/sqs"
	"polo/local/sqsserver"
	"polo/producers"
)

func awsConfig() aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

// openQueue creates a queue and opens it.
func openQueue(t *testing.T, client *awssqs.Client, name string) *sqs.Queue {
	t.Helper()
	_, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{
		QueueName:  &name,
		Attributes: map[string]string{"VisibilityTimeout": "300", "MaximumMessageSize": "262144"},
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := sqs.Open(t.Context(), client, name)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// drain receives and acks every message of q.
func drain(t *testing.T, q *sqs.Queue, each func(queue.Message)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		messages, err := q.Receive(ctx, queue.MaxReceipts, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			break
		}
		var receipts []string
		for _, m := range messages {
			each(m)
			receipts = append(receipts, m.Receipt)
		}
		if err := queue.DeleteAll(ctx, q, receipts, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
	}
	stats, err := q.Stats(ctx)
	if err != nil || !stats.Empty() {
		t.Errorf("drained queue: %+v, error %v", stats, err)
	}
}

// publishEverything emits good, invalid, oversized and rejected events through a pair
// of queues, calls published, and checks what the queues then hold, read through
// fromEvents and fromDead.
func publishEverything(t *testing.T, events, dead queue.Sender, fromEvents, fromDead *sqs.Queue, exact bool, published ...func()) {
	t.Helper()
	p, err := producers.NewPublisher(producers.PublisherConfig{
		Source: source, Queue: events, DeadLetter: dead, MaxEvents: 100, Senders: 3,
		Retry: queue.Retry{Initial: 5 * time.Millisecond, Max: 50 * time.Millisecond, MaxElapsed: 30 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	var good []envelope.ResourceEvent
	failed := make(map[string]queue.Reason)
	for i := range 3000 {
		e := event(i)
		switch {
		case i%500 == 7:
			e = invalid(i)
			failed[line(e)] = queue.ReasonInvalidEvent
		case i == 1234:
			e = incompressible(i, 300<<10)
			failed[line(e)[:64<<10]] = queue.ReasonEventTooLarge
		case i%250 == 9:
			e = incompressible(i, 100<<10)
			good = append(good, e)
		default:
			good = append(good, e)
		}
		if err := p.Emit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if i%300 == 0 {
			body := fmt.Sprintf("record %d \x00\xff", i)
			failed[body] = queue.ReasonMalformedRecord
			err := p.Reject(t.Context(), queue.Failure{Reason: queue.ReasonMalformedRecord, Unit: queue.UnitRecord, Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	for _, f := range published {
		f()
	}
	got := newArrived()
	drain(t, fromEvents, func(m queue.Message) { got.pack(t, m.Body) })
	drain(t, fromDead, func(m queue.Message) { got.failure(t, m) })
	got.check(t, good, exact)
	reasons := make(map[string]queue.Reason)
	for body, f := range got.failures {
		if f.CutFrom > 0 {
			body = body[:64<<10]
		}
		reasons[body] = f.Reason
	}
	for body, want := range failed {
		if reasons[body] != want {
			t.Errorf("failure %.40q: reason %q, want %q", body, reasons[body], want)
		}
	}
	if s := p.Stats(); len(reasons) != len(failed) || s.Failed != int64(len(failed)) || s.Published != int64(len(good)) {
		t.Errorf("stats %+v of %d events and %d failures; %d different failures came", s, len(good), len(failed), len(reasons))
	}
}

func TestPublishMoto(t *testing.T) {
	t.Parallel()
	client := sqs.NewClient(awsConfig(), queuetest.StartMoto(t))
	events, dead := openQueue(t, client, "events"), openQueue(t, client, "events-dlq")
	publishEverything(t, events, dead, events, dead, true)
}

// Under faults everything still arrives, some of it twice.
func TestPublishThroughFaultsMoto(t *testing.T) {
	t.Parallel()
	endpoint := queuetest.StartMoto(t)
	kind := sqs.NewClient(awsConfig(), endpoint)
	events, dead := openQueue(t, kind, "events"), openQueue(t, kind, "events-dlq")
	cfg := awsConfig()
	injector := queuetest.NewFaultInjector(awshttp.NewBuildableClient(), 11)
	cfg.HTTPClient = injector
	client := sqs.NewClient(cfg, endpoint)
	opts := sqs.Options{MaxMessage: events.Limits().MaxMessage}
	publishEverything(t, sqs.New(client, events.URL(), opts), sqs.New(client, dead.URL(), opts), events, dead, false)
	if injector.Faults()["lost answer"] == 0 || injector.Faults()["partial"] == 0 {
		t.Errorf("faults were only %v", injector.Faults())
	}
}

func TestPublishLocal(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]sqsserver.Faults{
		"no faults": {},
		"faults": {
			Seed: 5, Duplicate: 0.1, Reorder: 0.3, Throttle: 0.15, ServerError: 0.15, PartialBatch: 0.15, LostAck: 0.15,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := sqsserver.New(sqsserver.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			})
			cfg := awsConfig()
			cfg.HTTPClient = server.Client()
			client := sqs.NewClient(cfg, "http://sqs.test")
			events, dead := openQueue(t, client, "events"), openQueue(t, client, "events-dlq")
			server.SetFaults(faults)
			publishEverything(t, events, dead, events, dead, faults.LostAck == 0, func() { server.SetFaults(sqsserver.Faults{}) })
		})
	}
}
