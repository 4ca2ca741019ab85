package sqsserver_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/local/sqsserver"
)

// TestCancelledPollSwallowsNothing cancels a long poll at the moment a message is sent. Either the poll returns the
// message, or the next receive does, as its first.
func TestCancelledPollSwallowsNothing(t *testing.T) {
	t.Parallel()
	k, _ := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	var polled, left int
	for range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan int)
		go func() {
			out, err := k.client.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20, VisibilityTimeout: 600})
			if err != nil {
				got <- 0
				return
			}
			got <- len(out.Messages)
		}()
		time.Sleep(100 * time.Microsecond)
		go cancel()
		k.send(queue, "m")
		if <-got == 1 {
			polled++
			continue
		}
		left++
		m := k.one(queue, 0)
		if m.Attributes["ApproximateReceiveCount"] != "1" {
			t.Fatalf("receive count: %s", m.Attributes["ApproximateReceiveCount"])
		}
		k.delete(queue, m)
	}
	t.Logf("%d messages came to the poll, %d were left", polled, left)
}

// TestCancelledPollEnds: a poll whose client has left ends.
func TestCancelledPollEnds(t *testing.T) {
	t.Parallel()
	k, _ := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := k.client.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 15})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}

// TestLostClientLeavesNoGhost is the same over a broken connection.
func TestLostClientLeavesNoGhost(t *testing.T) {
	t.Parallel()
	server := newServer(t, sqsserver.Options{})
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	k := talk{t, newClient(server)}
	queue := k.queue("q", nil)
	remote := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: &listener.URL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := remote.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20}); err == nil {
			t.Fatal("the poll returned")
		}
		cancel()
	}
	time.Sleep(2 * time.Second) // on a busy machine the server learns of it a moment later
	k.send(queue, "m")
	time.Sleep(20 * time.Millisecond)
	if m := k.one(queue, 0); m.Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("receive count: %s", m.Attributes["ApproximateReceiveCount"])
	}
}

// TestCloseEndsPolls: a server that stops ends its long polls.
func TestCloseEndsPolls(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{})
	queue := k.queue("q", nil)
	got := make(chan error)
	go func() {
		_, err := k.client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
		got <- err
	}()
	time.Sleep(20 * time.Millisecond)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-got:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the poll goes on")
	}
}
