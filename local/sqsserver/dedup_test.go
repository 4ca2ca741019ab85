package sqsserver_test

import (
	"bytes"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"polo/local/sqsserver"
)

// byLetter returns a key for each letter of a body up to a comma. A body that starts with "!"
// is unique.
func byLetter(m sqsserver.Sent) (keys [][16]byte) {
	says, _, _ := bytes.Cut(m.Body, []byte(","))
	if says[0] == '!' {
		return nil
	}
	for _, letter := range says {
		keys = append(keys, [16]byte{letter})
	}
	return keys
}

func TestDeduplicate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k, server := newTalk(t, sqsserver.Options{Dir: dir})
	if err := server.Deduplicate("q", byLetter); err == nil {
		t.Error("a missing queue deduplicates")
	}
	q, other := k.queue("q", nil), k.queue("other", nil)
	k.send(q, "a, from before")
	keep := func(server *sqsserver.Server) {
		if err := server.Deduplicate("q", byLetter); err != nil {
			t.Fatal(err)
		}
	}
	keep(server)
	holds := func(q string, want int) {
		t.Helper()
		out, err := k.client.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: &q, AttributeNames: []types.QueueAttributeName{"All"}})
		k.must(err)
		n, _ := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
		hidden, _ := strconv.Atoi(out.Attributes["ApproximateNumberOfMessagesNotVisible"])
		if n+hidden != want {
			t.Fatalf("%s holds %d messages, want %d", q, n+hidden, want)
		}
	}
	k.send(q, "a, again") // the waiting one stands for it
	k.send(q, "b")
	k.send(q, "b, again")
	k.send(q, "! like no other")
	k.send(q, "! like no other")
	k.send(other, "a")
	k.send(other, "a")
	holds(q, 4)
	holds(other, 2)
	out, err := k.client.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: &q, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: aws.String("a")}, {Id: aws.String("2"), MessageBody: aws.String("c")}, {Id: aws.String("3"), MessageBody: aws.String("c")},
	}})
	if err != nil || len(out.Successful) != 3 {
		t.Fatalf("a batch of which one is new: %+v, %v", out, err)
	}
	holds(q, 5)

	// A message in flight may be deleted, so one sent meanwhile is kept.
	got, err := k.client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &q, MaxNumberOfMessages: 10})
	k.must(err)
	if len(got.Messages) != 5 {
		t.Fatalf("%d messages received, want 5", len(got.Messages))
	}
	k.send(q, "b, while the other is in flight")
	holds(q, 6)
	for _, m := range got.Messages {
		_, err := k.client.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &q, ReceiptHandle: m.ReceiptHandle})
		k.must(err)
	}
	holds(q, 1)
	// A deleted message's key no longer counts.
	k.send(q, "a, anew")
	k.send(q, "b, again")
	holds(q, 2)

	k.must(server.Close())
	k, server = newTalk(t, sqsserver.Options{Dir: dir})
	keep(server)
	k.send(q, "a, after a start")
	k.send(q, "d")
	holds(q, 3)
}

// Several messages together stand for one that has keys of each.
func TestDeduplicateBySeveralKeys(t *testing.T) {
	t.Parallel()
	k, server := newTalk(t, sqsserver.Options{Dir: t.TempDir()})
	q := k.queue("q", nil)
	if err := server.Deduplicate("q", byLetter); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"ab", "cd", "da", "abcd", "e", "ce", "aef", "fe", "bg"} {
		k.send(q, body)
	}
	kept := func() (bodies []string) {
		for _, m := range k.receive(q, 0) {
			bodies = append(bodies, aws.ToString(m.Body))
		}
		slices.Sort(bodies)
		return bodies
	}
	if diff := cmp.Diff([]string{"ab", "aef", "bg", "cd", "e"}, kept()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	k.send(q, "ad, while they are in flight")
	k.send(q, "da")
	k.send(q, "ag")
	if diff := cmp.Diff([]string{"ad, while they are in flight", "ag"}, kept()); diff != "" {
		t.Errorf("kept meanwhile (-want +got):\n%s", diff)
	}
}
