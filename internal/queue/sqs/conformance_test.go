package sqs_test

import (
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/queue/queuetest"
	"polo/internal/queue/sqs"
	"polo/local/sqsserver"
)

func testConfig() aws.Config {
	return aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// opener returns a function that creates a new queue on one server.
func opener(client *awssqs.Client) func(t *testing.T) queuetest.Queue {
	var count atomic.Int32
	return func(t *testing.T) queuetest.Queue {
		t.Helper()
		name := fmt.Sprintf("conformance-%d", count.Add(1))
		_, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{
			QueueName:  &name,
			Attributes: map[string]string{"VisibilityTimeout": "60", "MaximumMessageSize": "1048576"},
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
}

func TestConformanceMoto(t *testing.T) {
	t.Parallel()
	queuetest.Suite(t, opener(sqs.NewClient(testConfig(), queuetest.StartMoto(t))),
		queuetest.TakesAnyText, queuetest.GhostPolls)
}

// startLocal serves the embedded server, in process and over HTTP.
func startLocal(t *testing.T) (server *sqsserver.Server, endpoint string) {
	t.Helper()
	server, err := sqsserver.New(sqsserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, web.URL
}

func TestConformanceLocal(t *testing.T) {
	t.Parallel()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		server, endpoint := startLocal(t)
		cfg := testConfig()
		cfg.HTTPClient = server.Client()
		queuetest.Suite(t, opener(sqs.NewClient(cfg, endpoint)))
	})
	t.Run("over HTTP", func(t *testing.T) {
		t.Parallel()
		_, endpoint := startLocal(t)
		queuetest.Suite(t, opener(sqs.NewClient(testConfig(), endpoint)))
	})
}
