package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"polo/local/logtest"

	"github.com/aws/aws-lambda-go/events"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/lambda"
	"polo/local/sqsserver"
	"polo/local/stack"
)

// takeBatch treats messages as their bodies say: "fine", "fails", "fails twice". A body
// that names a response makes it return that.
func takeBatch(_ context.Context, e events.SQSEvent) (json.RawMessage, error) {
	if text, err := os.ReadFile(os.Getenv("POLO_TEST_OUTAGE")); err == nil {
		return nil, errors.New(string(text))
	}
	size := fmt.Sprintf("%d messages", len(e.Records))
	fmt.Println("a batch of", size)
	failed := []map[string]string{}
	for i := range e.Records {
		r := &e.Records[i]
		if r.EventSource != "aws:sqs" || r.MessageId == "" || r.ReceiptHandle == "" || r.Attributes["ApproximateReceiveCount"] == "" {
			return nil, fmt.Errorf("a record lacks something: %+v", r)
		}
		if a, ok := r.MessageAttributes["kind"]; ok && (a.StringValue == nil || *a.StringValue != "text") {
			return nil, fmt.Errorf("a record's attribute is %+v", a)
		}
		switch {
		case strings.HasPrefix(r.Body, "answer "):
			return json.RawMessage(strings.TrimPrefix(r.Body, "answer ")), nil
		case r.Body == "fails", r.Body == "fails twice" && r.Attributes["ApproximateReceiveCount"] < "3":
			failed = append(failed, map[string]string{"itemIdentifier": r.MessageId})
		}
	}
	return json.Marshal(map[string]any{"batchItemFailures": failed})
}

// mapped is a queue with a function behind it.
type mapped struct {
	q        *sqs.Queue
	f        *lambda.Function
	m        *lambda.Mapping
	log      *logtest.Log
	stop     context.CancelFunc
	stopped  chan struct{}
	outage   string
	deadline time.Time
}

func newMapped(t *testing.T, visibility time.Duration, change ...func(*lambda.MappingConfig)) *mapped {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	server, err := sqsserver.New(sqsserver.Options{BaseURL: url})
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
	client := sqs.NewClient(stack.AWSConfig(), url)
	name := "q"
	if _, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": fmt.Sprint(visibility.Seconds()), "MaximumMessageSize": "1048576"}}); err != nil {
		t.Fatal(err)
	}
	x := &mapped{stopped: make(chan struct{}), deadline: time.Now().Add(time.Minute)}
	if x.q, err = sqs.Open(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	x.outage = t.TempDir() + "/outage"
	x.f, _, x.log = newFunction(t, "batches", func(o *lambda.Options) {
		o.Timeout = visibility
		o.Env["POLO_TEST_OUTAGE"] = x.outage
	})
	cfg := lambda.MappingConfig{
		Function: x.f, Source: client, Queue: x.q, QueueURL: x.q.URL(), QueueARN: "arn:aws:sqs:us-east-1:000000000000:q", Visibility: visibility,
		ReportBatchItemFailures: true, Concurrency: 2, Backoff: 100 * time.Millisecond, BackoffMax: 800 * time.Millisecond,
	}
	for _, c := range change {
		c(&cfg)
	}
	if x.m, err = lambda.NewMapping(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	x.stop = cancel
	go func() {
		defer close(x.stopped)
		x.m.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-x.stopped
	})
	return x
}

func (x *mapped) send(t *testing.T, bodies ...string) {
	t.Helper()
	out := make([]queue.Outgoing, len(bodies))
	for i, b := range bodies {
		out[i] = queue.Outgoing{Body: b, Attributes: map[string]string{"kind": "text"}}
	}
	if err := queue.SendAll(t.Context(), x.q, out, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
}

// await waits until the queue's stats satisfy is.
func (x *mapped) await(t *testing.T, what string, is func(queue.Stats) bool) {
	t.Helper()
	for {
		s, err := x.q.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if is(s) {
			return
		}
		if time.Now().After(x.deadline) {
			t.Fatalf("%s: the queue is at %+v, the mapping at %+v; the function's log is\n%s", what, s, x.m.Stats(), x.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// done waits until the mapping has counted so many deletions, which it does after the
// queue.
func (x *mapped) done(t *testing.T, deleted int64) lambda.MappingStats {
	t.Helper()
	x.await(t, "all are done", func(s queue.Stats) bool { return s.Empty() && x.m.Stats().Deleted >= deleted })
	return x.m.Stats()
}

func repeated(text string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = text
	}
	return out
}

// Messages that a function reports as failed are redelivered after the visibility timeout,
// and no others; nothing slows down.
func TestFailedItemsAreRedelivered(t *testing.T) {
	t.Parallel()
	x := newMapped(t, 2*time.Second)
	x.send(t, append(repeated("fine", 90), repeated("fails twice", 10)...)...)
	began := time.Now()
	s := x.done(t, 100)
	if s.Deleted != 100 || s.ItemFailures != 20 || s.Messages != 120 || s.Failed != 0 || s.Slowest != 0 {
		t.Errorf("the mapping did %+v", s)
	}
	if passed := time.Since(began); passed < 4*time.Second {
		t.Errorf("what failed twice came again within %s, before its visibility timeout was over", passed)
	}
}

// A function that fails as a whole gets fewer and fewer batches, nothing is deleted, and it
// catches up when it works again.
func TestMappingBacksOff(t *testing.T) {
	t.Parallel()
	x := newMapped(t, 2*time.Second)
	if err := os.WriteFile(x.outage, []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	x.send(t, repeated("fine", 200)...)
	time.Sleep(4 * time.Second)
	s := x.m.Stats()
	// At full speed there would be hundreds: a failure takes milliseconds.
	if s.Failed < 3 || s.Failed > 20 || s.Deleted != 0 || s.Slowest != 800*time.Millisecond {
		t.Errorf("in four seconds of an outage the mapping did %+v", s)
	}
	if err := os.Remove(x.outage); err != nil {
		t.Fatal(err)
	}
	if s := x.done(t, 200); s.Deleted != 200 {
		t.Errorf("the mapping did %+v", s)
	}
}

// A response that cannot be parsed fails the whole batch.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer string
		done   bool
	}{
		{`null`, true},
		{`{}`, true},
		{`{"batchItemFailures":[]}`, true},
		{`{"batchItemFailures":null}`, true},
		{`[]`, false},
		{`"fine"`, false},
		{`{"batchItemFailures":[{"itemIdentifier":"another"}]}`, false},
		{`{"batchItemFailures":[{"itemIdentifier":""}]}`, false},
		{`{"batchItemFailures":[{}]}`, false},
	} {
		t.Run(c.answer, func(t *testing.T) {
			t.Parallel()
			x := newMapped(t, 2*time.Second)
			x.send(t, "answer "+c.answer)
			if c.done {
				x.await(t, "it is done", queue.Stats.Empty)
				return
			}
			for x.m.Stats().Failed < 2 && time.Now().Before(x.deadline) {
				time.Sleep(20 * time.Millisecond)
			}
			if s := x.m.Stats(); s.Failed < 2 || s.Deleted != 0 {
				t.Errorf("the mapping did %+v", s)
			}
		})
	}
}

// A batch is what came within the window, up to its bounds in number and bytes.
func TestBatches(t *testing.T) {
	t.Parallel()
	t.Run("window", func(t *testing.T) {
		t.Parallel()
		x := newMapped(t, 20*time.Second, func(c *lambda.MappingConfig) { c.BatchSize, c.Window, c.Concurrency = 10_000, time.Second, 2 })
		x.send(t, repeated("fine", 500)...)
		if s := x.done(t, 500); s.Batches > 4 || s.Deleted != 500 {
			t.Errorf("the mapping did %+v", s)
		}
	})
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		x := newMapped(t, 20*time.Second, func(c *lambda.MappingConfig) { c.BatchSize, c.Window, c.Concurrency = 10_000, time.Second, 2 })
		x.send(t, repeated(strings.Repeat("x", 1<<20-100), 20)...)
		if s := x.done(t, 20); s.Batches < 4 || s.Failed != 0 || s.Deleted != 20 {
			t.Errorf("the mapping did %+v", s)
		}
	})
}

// A mapping that stops first delivers what it has received.
func TestMappingStops(t *testing.T) {
	t.Parallel()
	x := newMapped(t, 20*time.Second, func(c *lambda.MappingConfig) { c.BatchSize, c.Window = 100, 30*time.Second })
	x.send(t, repeated("fine", 30)...)
	x.await(t, "it has them", func(s queue.Stats) bool { return s.InFlight == 30 })
	x.stop()
	<-x.stopped
	if s, err := x.q.Stats(t.Context()); err != nil || !s.Empty() {
		t.Errorf("the queue is at %+v: %v", s, err)
	}
}

func TestInvalidMapping(t *testing.T) {
	t.Parallel()
	f, _, _ := newFunction(t, "batches")
	client := sqs.NewClient(stack.AWSConfig(), "http://127.0.0.1:1")
	for want, change := range map[string]func(*lambda.MappingConfig){
		"from 1 to 10000":     func(c *lambda.MappingConfig) { c.BatchSize, c.Window = 10_001, time.Second },
		"needs a window":      func(c *lambda.MappingConfig) { c.BatchSize = 11 },
		"maximum concurrency": func(c *lambda.MappingConfig) { c.Concurrency = 1 },
		"visibility timeout":  func(c *lambda.MappingConfig) { c.Visibility = time.Second },
		"needs a function":    func(c *lambda.MappingConfig) { c.Function = nil },
		"a window of 6m":      func(c *lambda.MappingConfig) { c.Window = 6 * time.Minute },
	} {
		c := lambda.MappingConfig{Function: f, Source: client, Queue: sqs.New(client, "u", sqs.Options{}), Visibility: time.Minute}
		change(&c)
		if _, err := lambda.NewMapping(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
