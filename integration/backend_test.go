package integration_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/consumer"
	sink "polo/internal/clickhouse"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/stack"
	"polo/schema"
)

// backend is what the suite runs on: an SQS and a ClickHouse of any kind.
type backend struct {
	queue, dlq *sqs.Queue
	// addr is the address of ClickHouse's native protocol; it stays the same after a
	// stop.
	addr  string
	users chdb.Users
	// stopClickHouse and startClickHouse cause an outage. The data stay.
	stopClickHouse, startClickHouse func(*testing.T)
}

// starter starts an empty backend that ends with the test.
type starter func(*testing.T) *backend

// Settings of the suite's queues. The visibility timeout bounds how long a batch may
// take, and how long a message of a lost response stays in flight.
const (
	visibility = 20 * time.Second
	maxReceive = "1000"
)

// makeQueues creates the main and the dead-letter queue at an SQS endpoint.
func (b *backend) makeQueues(t *testing.T, client *awssqs.Client) {
	t.Helper()
	create := func(name string, attributes map[string]string) (url, arn string) {
		made, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatalf("making queue %s: %v", name, err)
		}
		url = aws.ToString(made.QueueUrl)
		got, err := client.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
		if err != nil {
			t.Fatalf("reading queue %s: %v", name, err)
		}
		return url, got.Attributes["QueueArn"]
	}
	dlqURL, dlqARN := create(stack.DeadLetterName, nil)
	url, _ := create(stack.QueueName, map[string]string{
		"VisibilityTimeout": fmt.Sprint(int(visibility / time.Second)),
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%q}`, dlqARN, maxReceive),
	})
	// Older servers accept at most 256 KiB.
	options := sqs.Options{MaxMessage: 256 << 10}
	b.queue, b.dlq = sqs.New(client, url, options), sqs.New(client, dlqURL, options)
}

// migrate applies the migrations with the migrator's account.
func (b *backend) migrate(t *testing.T) {
	t.Helper()
	if _, err := schema.New(b.connect(t, b.users.Migrator), stack.Target(b.users)).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// connect opens a pool that is closed with the test.
func (b *backend) connect(t *testing.T, u chdb.User) driver.Conn {
	t.Helper()
	conn, err := stack.Connect(b.addr, chdb.Database, u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// contents returns every table and view as the reader sees it.
func (b *backend) contents(t *testing.T) map[string]string {
	t.Helper()
	return contents(t, b.connect(t, b.users.Reader))
}

// count runs a query that returns one number.
func (b *backend) count(t *testing.T, query string) int64 {
	t.Helper()
	return scanNumber(t, b.connect(t, b.users.Reader), query)
}

// Messages of a batch: few, so that there is a middle to interrupt; more, so that
// several copies of a message meet in one batch and others do not.
const (
	smallBatch = 3
	largeBatch = 15
)

// drain runs a consumer until the queue is empty, and during, if not nil, meanwhile.
func (b *backend) drain(t *testing.T, batch int, during func(*consumer.Drain)) consumer.Totals {
	t.Helper()
	out := sink.NewSink(sink.Config{
		Addr: b.addr, Database: chdb.Database, User: b.users.Writer.Name, Password: b.users.Writer.Password, Connections: 2,
	})
	defer func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}()
	c, err := consumer.New(consumer.Config{Sink: out, DeadLetter: b.dlq, InsertRetry: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	d := consumer.NewDrain(c, consumer.DrainConfig{Queue: b.queue, Workers: 2, BatchMessages: batch, Wait: time.Second, Visibility: visibility})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	if during != nil {
		during(d)
	}
	if err := stack.AwaitEmpty(ctx, b.queue, 50*time.Millisecond, nil); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return d.Totals()
}
