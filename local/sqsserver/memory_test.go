//go:build linux

package sqsserver_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/local/sqsserver"
)

// maxMemory is the most memory that a server may take while 400 MiB of bodies pass through it, with room for the race
// detector.
const maxMemory = 280 << 20

// TestBodiesAreNotHeldInMemory fills a queue, restarts the server cleanly, and receives everything.
func TestBodiesAreNotHeldInMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const count = 400
	filling, client := startChild(t, dir)
	q, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	for i := range count {
		if _, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: q.QueueUrl, MessageBody: aws.String(largeBody(i))}); err != nil {
			t.Fatal(err)
		}
	}
	held(t, filling, "to fill the queue")
	kill(t, filling)
	server, err := sqsserver.New(sqsserver.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil { // a clean shutdown
		t.Fatal(err)
	}

	emptying, client := startChild(t, dir)
	if _, err := client.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("q")}); err != nil {
		t.Fatal(err)
	}
	held(t, emptying, "to start with a full queue")
	came := map[string]bool{}
	for len(came) < count {
		// The URL has the old port, which the server ignores.
		got, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: q.QueueUrl, MaxNumberOfMessages: 4})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Messages) == 0 {
			t.Fatalf("%d of %d messages are left", len(came), count)
		}
		for _, m := range got.Messages {
			i, err := strconv.Atoi(strings.SplitN(*m.Body, " ", 2)[0])
			if err != nil || *m.Body != largeBody(i) {
				t.Fatalf("a body is another: %.40s", *m.Body)
			}
			came[*m.Body] = true
			if _, err := client.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: q.QueueUrl, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	held(t, emptying, "to empty the queue")
	kill(t, emptying)
}

func largeBody(i int) string {
	const size = 1 << 20
	word := fmt.Sprintf("%d ", i)
	return strings.Repeat(word, size/len(word))
}

// held fails if a child took too much memory.
func held(t *testing.T, child *exec.Cmd, what string) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", child.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("VmHWM:"))
	kb, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MiB %s", kb>>10, what)
	if kb<<10 > maxMemory {
		t.Errorf("the server took %d MiB %s, want at most %d", kb>>10, what, maxMemory>>20)
	}
}

func kill(t *testing.T, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
}
