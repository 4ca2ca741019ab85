package cluster_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/lambda"
	"polo/local/sqsserver"
	"polo/local/stack"
)

// Timeouts of the consumer's function and its queue, short enough for a failed message to
// be redelivered within a test.
const (
	timeout    = 30 * time.Second
	visibility = 31 * time.Second
)

// pipeline is a queue and the consumer's program, which drains it into a ClickHouse.
type pipeline struct {
	queue, dlq *sqs.Queue
	mapping    *lambda.Mapping
}

// program builds one of Polo's programs.
func program(t *testing.T, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(pkg))
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v: %s", pkg, err, out)
	}
	return path
}

// newPipeline starts a pipeline, which ends with the test.
func newPipeline(t *testing.T, consumer, addr, target string, writer chdb.User) *pipeline {
	t.Helper()
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://" + l.Addr().String()
	server, err := sqsserver.New(sqsserver.Options{BaseURL: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(l) }()
	t.Cleanup(func() {
		_ = web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	client := sqs.NewClient(stack.AWSConfig(), endpoint)
	create := func(name string) string {
		out, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
			"MaximumMessageSize": "1048576", "VisibilityTimeout": strconv.Itoa(int(visibility / time.Second)),
		}})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	dlqURL, queueURL := create(stack.DeadLetterName), create(stack.QueueName)
	p := &pipeline{queue: sqs.New(client, queueURL, sqs.Options{}), dlq: sqs.New(client, dlqURL, sqs.Options{})}

	log, err := os.Create(filepath.Join(dir, "consumer.log"))
	if err != nil {
		t.Fatal(err)
	}
	fn, err := lambda.New(lambda.Options{
		Name: "consumer", Bootstrap: consumer, Dir: filepath.Join(dir, "lambda"), Timeout: timeout, Memory: 1 << 30, Log: log,
		Env: map[string]string{
			"POLO_CLICKHOUSE_ADDR": addr, "POLO_CLICKHOUSE_PLAINTEXT": "true", "POLO_CLICKHOUSE_TARGET": target,
			"POLO_CLICKHOUSE_USER": writer.Name, "POLO_CLICKHOUSE_PASSWORD": writer.Password,
			"POLO_DLQ": dlqURL, "AWS_ENDPOINT_URL_SQS": endpoint, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(fn.Close(), log.Close()); err != nil {
			t.Error(err)
		}
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the consumer's log ends:\n%s", text[max(0, len(text)-8_000):])
		}
	})
	p.mapping, err = lambda.NewMapping(lambda.MappingConfig{
		Function: fn, Source: client, Queue: p.queue, QueueURL: queueURL, QueueARN: "arn:aws:sqs:us-east-1:000000000000:" + stack.QueueName,
		Visibility: visibility, BatchSize: 4, Window: 100 * time.Millisecond, Concurrency: 2, ReportBatchItemFailures: true,
		Backoff: 100 * time.Millisecond, BackoffMax: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.mapping.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return p
}

func (p *pipeline) send(t *testing.T, bodies []string) {
	t.Helper()
	out := make([]queue.Outgoing, len(bodies))
	for i, b := range bodies {
		out[i] = queue.Outgoing{Body: b}
	}
	if err := queue.SendAll(t.Context(), p.queue, out, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
}

// drained waits until the queue is empty, and checks that there are no letters.
func (p *pipeline) drained(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if err := stack.AwaitEmpty(ctx, p.queue, 50*time.Millisecond, nil); err != nil {
		t.Fatal(err)
	}
	letters, err := p.dlq.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !letters.Empty() {
		t.Errorf("letters: %+v", letters)
	}
}

// landed returns how many messages are done.
func (p *pipeline) landed() int64 { return p.mapping.Stats().Deleted }
