package sqsserver_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"polo/local/sqsserver"
)

// timed runs f in a synctest bubble, where time passes only while everything waits.
func timed(t *testing.T, f func(k talk)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, _ := newTalk(t, sqsserver.Options{})
		f(k)
	})
}

func TestVisibilityOfTwelveHours(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"VisibilityTimeout": "43200"})
		k.send(queue, "m")
		k.one(queue, 0)
		time.Sleep(12*time.Hour - time.Second)
		k.none(queue)
		k.counted(queue, "0", "1", "0")
		time.Sleep(time.Second)
		k.counted(queue, "1", "0", "0")
		if m := k.one(queue, 0); m.Attributes["ApproximateReceiveCount"] != "2" {
			k.Errorf("receive count: %s", m.Attributes["ApproximateReceiveCount"])
		}
	})
}

func TestVisibilityIsExtended(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"VisibilityTimeout": "30"})
		k.send(queue, "m")
		m := k.one(queue, 0)
		time.Sleep(20 * time.Second)
		k.must(k.visibility(queue, m, 60)) // from now on
		time.Sleep(59 * time.Second)
		k.none(queue)
		time.Sleep(time.Second)
		k.one(queue, 0)
	})
}

// TestVisibilityOfEach: each message in flight becomes visible at its own time, whatever happens to the others.
func TestVisibilityOfEach(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"VisibilityTimeout": "30"})
		for i := range 3 {
			k.send(queue, fmt.Sprint(i))
		}
		messages := k.receive(queue, 0)
		k.must(k.visibility(queue, messages[0], 600))
		k.must(k.visibility(queue, messages[2], 10))
		for _, want := range []string{"2", "1", "0"} {
			m := k.one(queue, 20)
			if *m.Body != want {
				k.Fatalf("received %s, want %s", *m.Body, want)
			}
			k.delete(queue, m)
			if want == "1" {
				time.Sleep(570*time.Second - 1)
				k.none(queue)
			}
		}
	})
}

func TestVisibilityTotal(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"VisibilityTimeout": "43000"})
		k.send(queue, "m")
		m := k.one(queue, 0)
		time.Sleep(time.Hour)
		var api smithy.APIError
		if err := k.visibility(queue, m, 43200-3600+1); !errors.As(err, &api) || api.ErrorCode() != "InvalidParameterValue" {
			k.Errorf("12 hours and a second since the receive: %v", err)
		}
		k.must(k.visibility(queue, m, 43200-3600))
	})
}

func TestQueueDelay(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"DelaySeconds": "900"})
		k.send(queue, "m")
		k.counted(queue, "0", "0", "1")
		time.Sleep(899 * time.Second)
		k.none(queue)
		time.Sleep(time.Second)
		k.counted(queue, "1", "0", "0")
		k.one(queue, 0)
	})
}

func TestMessageDelayComesBeforeTheQueues(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"DelaySeconds": "900"})
		_, err := k.client.SendMessage(k.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m"), DelaySeconds: 10})
		k.must(err)
		time.Sleep(10 * time.Second)
		k.one(queue, 0)
	})
}

func TestRetention(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"MessageRetentionPeriod": "60", "VisibilityTimeout": "10"})
		k.send(queue, "old")
		time.Sleep(30 * time.Second)
		k.send(queue, "new")
		time.Sleep(30 * time.Second)
		if m := k.one(queue, 0); *m.Body != "new" {
			k.Errorf("received %q", *m.Body)
		}
		time.Sleep(30 * time.Second) // in flight when it expires
		k.none(queue)
		time.Sleep(time.Second)
		k.counted(queue, "0", "0", "0")
	})
}

func TestRetentionIsShortened(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", nil)
		k.send(queue, "m")
		time.Sleep(2 * time.Minute)
		k.set(queue, map[string]string{"MessageRetentionPeriod": "60"})
		k.counted(queue, "0", "0", "0")
	})
}

// TestAgeCountsFromTheFirstSend: a redrive keeps the send time, so a dead-letter queue's retention counts from the
// first send.
func TestAgeCountsFromTheFirstSend(t *testing.T) {
	timed(t, func(k talk) {
		dead := k.queue("dead", map[string]string{"MessageRetentionPeriod": "120"})
		queue := k.queue("q", map[string]string{
			"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}`,
		})
		k.send(queue, "m")
		k.one(queue, 0)
		time.Sleep(100 * time.Second)
		k.none(queue)
		k.counted(dead, "1", "0", "0")
		time.Sleep(20 * time.Second)
		k.none(dead)
	})
}

// TestChainOfDeadLetterQueues: each queue counts its own receives; the message shows the total.
func TestChainOfDeadLetterQueues(t *testing.T) {
	timed(t, func(k talk) {
		policy := func(target string) map[string]string {
			return map[string]string{
				"VisibilityTimeout": "0",
				"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:` + target + `","maxReceiveCount":2}`,
			}
		}
		last := k.queue("last", nil)
		dead := k.queue("dead", policy("last"))
		queue := k.queue("q", policy("dead"))
		k.send(queue, "m")
		k.one(queue, 0)
		k.one(queue, 0)
		k.none(queue)
		k.one(dead, 0)
		k.one(dead, 0)
		k.none(dead)
		m := k.one(last, 0)
		if m.Attributes["ApproximateReceiveCount"] != "5" || m.Attributes["DeadLetterQueueSourceArn"] != "arn:aws:sqs:us-east-1:000000000000:dead" {
			k.Errorf("attributes: %v", m.Attributes)
		}
	})
}

func TestLongPollEnds(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"ReceiveMessageWaitTimeSeconds": "7"})
		for _, c := range []struct{ wait, want time.Duration }{{0, 7 * time.Second}, {20 * time.Second, 20 * time.Second}} {
			begun := time.Now()
			if messages := k.receive(queue, int32(c.wait.Seconds())); len(messages) != 0 {
				k.Errorf("received %d messages", len(messages))
			}
			if took := time.Since(begun); took != c.want {
				k.Errorf("a poll of %s took %s, want %s", c.wait, took, c.want)
			}
		}
	})
}

func TestLongPollSeesWhatBecomesVisible(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"VisibilityTimeout": "5"})
		_, err := k.client.SendMessage(k.Context(), &awssqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m"), DelaySeconds: 3})
		k.must(err)
		for _, want := range []time.Duration{3 * time.Second, 5 * time.Second} { // the delay, then the visibility timeout
			begun := time.Now()
			k.one(queue, 20)
			if took := time.Since(begun); took != want {
				k.Errorf("the poll took %s, want %s", took, want)
			}
		}
	})
}

func TestLongPollSeesADelayedSend(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", map[string]string{"DelaySeconds": "3"})
		begun := time.Now()
		got := make(chan int)
		go func() { got <- len(k.receive(queue, 20)) }()
		synctest.Wait()
		k.send(queue, "m")
		if n := <-got; n != 1 || time.Since(begun) != 3*time.Second {
			k.Errorf("%d messages after %s", n, time.Since(begun))
		}
	})
}

func TestLongPollWakesAtOnce(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", nil)
		k.send(queue, "taken")
		taken := k.one(queue, 0)
		for what, wake := range map[string]func(){
			"a send":            func() { k.send(queue, "m") },
			"a visibility of 0": func() { k.must(k.visibility(queue, taken, 0)) },
		} {
			begun := time.Now()
			got := make(chan int)
			go func() { got <- len(k.receive(queue, 20)) }()
			synctest.Wait()
			wake()
			if n := <-got; n != 1 || time.Since(begun) != 0 {
				k.Errorf("%s: %d messages after %s", what, n, time.Since(begun))
			}
		}
	})
}

func TestDeletingAQueueEndsItsPolls(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", nil)
		begun := time.Now()
		got := make(chan error)
		go func() {
			_, err := k.client.ReceiveMessage(k.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
			got <- err
		}()
		synctest.Wait()
		_, err := k.client.DeleteQueue(k.Context(), &awssqs.DeleteQueueInput{QueueUrl: &queue})
		k.must(err)
		var gone *types.QueueDoesNotExist
		if err := <-got; !errors.As(err, &gone) || time.Since(begun) != 0 {
			k.Errorf("the poll, after %s: %v", time.Since(begun), err)
		}
	})
}

func TestNamesAndPurgesAreFreeAfterAMinute(t *testing.T) {
	timed(t, func(k talk) {
		queue := k.queue("q", nil)
		for range 2 {
			_, err := k.client.PurgeQueue(k.Context(), &awssqs.PurgeQueueInput{QueueUrl: &queue})
			k.must(err)
			time.Sleep(time.Minute)
		}
		_, err := k.client.DeleteQueue(k.Context(), &awssqs.DeleteQueueInput{QueueUrl: &queue})
		k.must(err)
		time.Sleep(59 * time.Second)
		var recently *types.QueueDeletedRecently
		if _, err := k.client.CreateQueue(k.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q")}); !errors.As(err, &recently) {
			k.Errorf("after 59 seconds: %v", err)
		}
		time.Sleep(time.Second)
		k.queue("q", nil)
	})
}

// TestClock: the server uses the clock it is given.
func TestClock(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	k, _ := newTalk(t, sqsserver.Options{Clock: func() time.Time {
		return time.Unix(1_800_000_000, 0).Add(time.Duration(ahead.Load()))
	}})
	queue := k.queue("q", nil)
	k.send(queue, "m")
	if m := k.one(queue, 0); m.Attributes["SentTimestamp"] != "1800000000000" {
		t.Errorf("sent at %s", m.Attributes["SentTimestamp"])
	}
	k.none(queue)
	ahead.Add(int64(30 * time.Second))
	k.one(queue, 0)
}

func TestMoveTaskKeepsItsRate(t *testing.T) {
	timed(t, func(k talk) {
		dead := k.queue("dead", nil)
		k.queue("q", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}`})
		other := k.queue("other", nil)
		for i := range 30 {
			k.send(dead, fmt.Sprint(i))
		}
		_, err := k.client.StartMessageMoveTask(k.Context(), &awssqs.StartMessageMoveTaskInput{
			SourceArn:      aws.String("arn:aws:sqs:us-east-1:000000000000:dead"),
			DestinationArn: aws.String("arn:aws:sqs:us-east-1:000000000000:other"), MaxNumberOfMessagesPerSecond: aws.Int32(4),
		})
		k.must(err)
		time.Sleep(time.Millisecond) // out of step with the task
		for second := 1; second <= 7; second++ {
			time.Sleep(time.Second)
			k.counted(other, strconv.Itoa(4*second), "0", "0")
		}
		time.Sleep(time.Second)
		k.counted(other, "30", "0", "0")
		k.counted(dead, "0", "0", "0")
	})
}

func TestInFlightLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, server := newTalk(t, sqsserver.Options{})
		queue := k.queue("q", map[string]string{"VisibilityTimeout": "43200"})
		address := `"QueueUrl":"` + queue + `"`
		var entries []string
		for i := range 10 {
			entries = append(entries, fmt.Sprintf(`{"Id":"%d","MessageBody":"m"}`, i))
		}
		send := []byte(`{` + address + `,"Entries":[` + strings.Join(entries, ",") + `]}`)
		receive := []byte(`{` + address + `,"MaxNumberOfMessages":10}`)
		for range 12_000 {
			rawCall(t, server.Client(), "SendMessageBatch", send)
			if n := bytes.Count(rawCall(t, server.Client(), "ReceiveMessage", receive), []byte(`"MessageId"`)); n != 10 {
				t.Fatalf("received %d messages", n)
			}
		}
		k.send(queue, "one more")
		k.counted(queue, "1", "120000", "0")
		_, err := k.client.ReceiveMessage(k.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue})
		var over *types.OverLimit
		if !errors.As(err, &over) {
			t.Errorf("with 120,000 in flight: %v", err)
		}
		if messages := k.receive(queue, 1); len(messages) != 0 { // a long poll is answered with nothing
			t.Errorf("a long poll received %d messages", len(messages))
		}
	})
}
