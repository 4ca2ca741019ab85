package sqsserver_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"polo/local/sqsserver"
)

// reopening runs each step on a new server on the same data directory.
func reopening(t *testing.T, steps ...func(k talk)) {
	t.Helper()
	dir := t.TempDir()
	for _, step := range steps {
		server, err := sqsserver.New(sqsserver.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		step(talk{t, newClient(server)})
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

const prefix = "http://sqs.local/000000000000/"

func TestQueuesSurvive(t *testing.T) {
	t.Parallel()
	var before map[string]string
	reopening(t, func(k talk) {
		k.queue("dead", nil)
		k.queue("gone", nil)
		queue := k.queue("q", map[string]string{
			"VisibilityTimeout": "17", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":4}`,
		})
		_, err := k.client.TagQueue(t.Context(), &awssqs.TagQueueInput{QueueUrl: &queue, Tags: map[string]string{"env": "dev"}})
		k.must(err)
		_, err = k.client.DeleteQueue(t.Context(), &awssqs.DeleteQueueInput{QueueUrl: aws.String(prefix + "gone")})
		k.must(err)
		before = k.attributes(queue)
	}, func(k talk) {
		if diff := cmp.Diff(before, k.attributes(prefix+"q")); diff != "" {
			t.Errorf("attributes (-before +after):\n%s", diff)
		}
		tags, err := k.client.ListQueueTags(t.Context(), &awssqs.ListQueueTagsInput{QueueUrl: aws.String(prefix + "q")})
		k.must(err)
		if tags.Tags["env"] != "dev" {
			t.Errorf("tags: %v", tags.Tags)
		}
		queues, err := k.client.ListQueues(t.Context(), &awssqs.ListQueuesInput{})
		k.must(err)
		if diff := cmp.Diff([]string{prefix + "dead", prefix + "q"}, queues.QueueUrls); diff != "" {
			t.Errorf("queues (-want +got):\n%s", diff)
		}
	})
}

func TestMessagesSurvive(t *testing.T) {
	t.Parallel()
	attributes := map[string]types.MessageAttributeValue{
		"s": {DataType: aws.String("String.x"), StringValue: aws.String("é")},
		"b": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255}},
	}
	body := strings.Repeat(`{"é":"\u0041"}`, 10_000)
	var first types.Message
	reopening(t, func(k talk) {
		queue := k.queue("q", nil)
		_, err := k.client.SendMessage(t.Context(), &awssqs.SendMessageInput{
			QueueUrl: &queue, MessageBody: &body, MessageAttributes: attributes, MessageGroupId: aws.String("tenant"),
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("Root=1")}},
		})
		k.must(err)
		first = k.one(queue, 0)
		k.send(queue, "deleted")
		k.delete(queue, k.one(queue, 0))
	}, func(k talk) {
		k.counted(prefix+"q", "1", "0", "0") // visible again
		m := k.one(prefix+"q", 0)
		want := first
		want.ReceiptHandle = m.ReceiptHandle
		want.Attributes["ApproximateReceiveCount"] = "2"
		if diff := cmp.Diff(want, m, cmpopts.IgnoreUnexported(types.Message{}, types.MessageAttributeValue{})); diff != "" {
			t.Errorf("message (-before +after):\n%s", diff)
		}
		// A new message must not be mistaken for one deleted before.
		k.send(prefix+"q", "new")
		k.must(k.visibility(prefix+"q", m, 600))
	}, func(k talk) {
		k.counted(prefix+"q", "2", "0", "0")
		k.delete(prefix+"q", first) // a handle from before two restarts
		if m := k.one(prefix+"q", 0); *m.Body != "new" {
			t.Errorf("left: %s", *m.Body)
		}
	})
}

// TestHandlesAreNotReused: the handle of a message deleted before a restart must not match one sent after it.
func TestHandlesAreNotReused(t *testing.T) {
	t.Parallel()
	var old types.Message
	reopening(t, func(k talk) {
		queue := k.queue("q", nil)
		k.send(queue, "old")
		old = k.one(queue, 0)
		k.delete(queue, old)
	}, func(k talk) {
		k.send(prefix+"q", "new")
		k.one(prefix+"q", 0)
		k.delete(prefix+"q", old)
		k.counted(prefix+"q", "0", "1", "0")
	})
}

// TestQueuesKeepApart: a queue created after a restart does not share an older one's messages.
func TestQueuesKeepApart(t *testing.T) {
	t.Parallel()
	reopening(t, func(k talk) {
		k.send(k.queue("old", nil), "old")
	}, func(k talk) {
		k.send(k.queue("new", nil), "new")
	}, func(k talk) {
		for _, name := range []string{"old", "new"} {
			if m := k.one(prefix+name, 0); *m.Body != name {
				t.Errorf("%s holds %s", name, *m.Body)
			}
		}
	})
}

// TestLoadedMessagesAreCopies: bbolt remaps its file as it grows, so what was read must be a copy.
func TestLoadedMessagesAreCopies(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("body", 1000)
	reopening(t, func(k talk) {
		k.send(k.queue("q", nil), body)
	}, func(k talk) {
		filler := k.queue("filler", nil)
		for range 40 {
			k.send(filler, strings.Repeat("x", 1<<20))
		}
		if m := k.one(prefix+"q", 0); *m.Body != body {
			t.Error("the body has changed")
		}
	})
}

func TestRedriveSurvives(t *testing.T) {
	t.Parallel()
	var id string
	reopening(t, func(k talk) {
		k.queue("dead", nil)
		queue := k.queue("q", map[string]string{
			"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":2}`,
		})
		id = k.send(queue, "m")
		k.one(queue, 0)
	}, func(k talk) {
		k.one(prefix+"q", 0)
	}, func(k talk) {
		k.none(prefix + "q") // it has no receives left
	}, func(k talk) {
		k.counted(prefix+"q", "0", "0", "0")
		m := k.one(prefix+"dead", 0)
		if *m.MessageId != id || m.Attributes["DeadLetterQueueSourceArn"] != "arn:aws:sqs:us-east-1:000000000000:q" || m.Attributes["ApproximateReceiveCount"] != "3" {
			t.Errorf("dead letter %s: %v", *m.MessageId, m.Attributes)
		}
		_, err := k.client.StartMessageMoveTask(t.Context(), &awssqs.StartMessageMoveTaskInput{SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:dead")})
		k.must(err) // nothing visible to move
	}, func(k talk) {
		_, err := k.client.StartMessageMoveTask(t.Context(), &awssqs.StartMessageMoveTaskInput{SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:dead")})
		k.must(err)
		if m := k.one(prefix+"q", 10); *m.MessageId == id {
			t.Error("moved with its old id")
		}
	}, func(k talk) {
		k.counted(prefix+"q", "1", "0", "0")
		k.counted(prefix+"dead", "0", "0", "0")
	})
}

func TestPurgeSurvives(t *testing.T) {
	t.Parallel()
	reopening(t, func(k talk) {
		queue := k.queue("q", nil)
		k.send(queue, "m")
		_, err := k.client.PurgeQueue(t.Context(), &awssqs.PurgeQueueInput{QueueUrl: &queue})
		k.must(err)
		k.send(queue, "after")
	}, func(k talk) {
		if m := k.one(prefix+"q", 0); *m.Body != "after" {
			t.Errorf("received %s", *m.Body)
		}
	})
}

// TestDelaySurvives: a delay counts from the send, whether the server runs or not. The store works in a synctest
// bubble too.
func TestDelaySurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, err := sqsserver.New(sqsserver.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		k := talk{t, newClient(server)}
		k.send(k.queue("q", map[string]string{"DelaySeconds": "100"}), "m")
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Second)
		k, _ = newTalk(t, sqsserver.Options{Dir: dir})
		k.counted(prefix+"q", "0", "0", "1")
		begun := time.Now()
		for len(k.receive(prefix+"q", 20)) == 0 {
			if time.Since(begun) > time.Minute {
				t.Fatal("the message never comes")
			}
		}
		if took := time.Since(begun); took != 60*time.Second {
			t.Errorf("visible after %s more, want 60s", took)
		}
	})
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	newServer(t, sqsserver.Options{Dir: dir})
	if server, err := sqsserver.New(sqsserver.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another process") {
		if server != nil {
			_ = server.Close() // it should not have opened
		}
		t.Errorf("opening the same directory twice: %v", err)
	}
}

func TestClosedServerAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	server := newServer(t, sqsserver.Options{Dir: t.TempDir()})
	k := talk{t, newClient(server)}
	queue := k.queue("q", nil)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m")}); err == nil {
		t.Error("a send was acknowledged that nothing can store")
	}
}
