package main

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/cli"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/sqsserver"
	"polo/local/stack"
)

// Commands that need no engine work without its library.
func TestWithoutTheLibrary(t *testing.T) {
	t.Setenv("POLO_LIBCHDB", "/nowhere/libchdb.so")
	if out, _, err := polo(t, "schema", "render", "--target", "cloud"); err != nil || !strings.Contains(out, "resource_events") {
		t.Errorf("rendering the schema: %v", err)
	}
	for _, command := range []string{"up", "status"} {
		if _, _, err := polo(t, "schema", command, "--addr", "127.0.0.1:1"); err == nil || errors.Is(err, chdb.ErrNoLibrary) || !strings.Contains(err.Error(), "127.0.0.1:1") {
			t.Errorf("schema %s of another ClickHouse: %v", command, err)
		}
	}
	if _, _, err := polo(t, "schema", "up", "--data", t.TempDir()); !errors.Is(err, chdb.ErrNoLibrary) {
		t.Errorf("schema up of its own: %v", err)
	}
	if _, _, err := polo(t, "collect", "--list"); err != nil {
		t.Error(err)
	}
	credentials(t)
	url := queues(t)
	t.Setenv("AWS_ENDPOINT_URL_SQS", url)
	out, _, err := polo(t, "collect", "aws.cloudtrail", "--account", "111122223333", "--region", "eu-west-1", "--from", "2026-01-15T06:00:00Z", "--to", "2026-01-15T09:00:00Z",
		"--endpoint", cloudTrail(t), "--queue", "q", "--dlq", "d")
	if err != nil || !strings.Contains(out, "parts read to the end") {
		t.Errorf("collecting into queues: %v\n%s", err, out)
	}
	if _, _, err := polo(t, "collect", "aws.cloudtrail", "--account", "111122223333", "--region", "eu-west-1", "--endpoint", cloudTrail(t), "--data", t.TempDir()); !errors.Is(err, chdb.ErrNoLibrary) || cli.Code(err) != cli.ExitFailed {
		t.Errorf("collecting into a stack: %v", err)
	}
}

// queues are an SQS server with the queues q and d.
func queues(t *testing.T) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url = "http://" + l.Addr().String()
	s, err := sqsserver.New(sqsserver.Options{BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(l) }()
	t.Cleanup(func() {
		_ = web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	client := sqs.NewClient(stack.AWSConfig(), url)
	for _, name := range []string{"q", "d"} {
		if _, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	return url
}
