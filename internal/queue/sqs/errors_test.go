package sqs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/queue"
	"polo/internal/queue/sqs"
)

// kinds lists the errors that callers branch on.
var kinds = []error{
	queue.ErrTransient, queue.ErrTooLarge, queue.ErrNotText, queue.ErrNoQueue, queue.ErrRefused, queue.ErrReceipt,
	context.Canceled, context.DeadlineExceeded,
}

// checkKind fails unless err matches want and no other kind.
func checkKind(t *testing.T, err, want error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
	}
	for _, kind := range kinds {
		if wanted := want != nil && errors.Is(want, kind); errors.Is(err, kind) != wanted {
			t.Errorf("matches %q: %v, error %v", kind, !wanted, err)
		}
	}
}

// canned gives every request the same response, and counts them.
type canned struct {
	status int
	header map[string]string
	body   string
	calls  int
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	c.calls++
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	h := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	for k, v := range c.header {
		h.Set(k, v)
	}
	return &http.Response{
		StatusCode: c.status, Header: h, Request: r, Body: io.NopCloser(strings.NewReader(c.body)),
		ContentLength: int64(len(c.body)), ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func clientOver(c aws.HTTPClient) *awssqs.Client {
	cfg := testConfig()
	cfg.HTTPClient = c
	return sqs.NewClient(cfg, "https://sqs.test")
}

func queueOver(c aws.HTTPClient) *sqs.Queue {
	return sqs.New(clientOver(c), "https://sqs.test/1/q", sqs.Options{})
}

func TestCallErrors(t *testing.T) {
	t.Parallel()
	failure := func(code string) string { return fmt.Sprintf(`{"__type":"com.amazonaws.sqs#%s","message":"m"}`, code) }
	tests := map[string]struct {
		answer canned
		want   error
	}{
		"throttled":           {canned{status: 400, body: failure("RequestThrottled")}, queue.ErrTransient},
		"throttled in front":  {canned{status: 400, body: failure("ThrottlingException")}, queue.ErrTransient},
		"KMS throttled":       {canned{status: 400, body: failure("KmsThrottled")}, queue.ErrTransient},
		"over limit":          {canned{status: 400, body: failure("OverLimit")}, queue.ErrInFlight},
		"internal error":      {canned{status: 500, body: failure("InternalError")}, queue.ErrTransient},
		"unknown 503":         {canned{status: 503, body: failure("Odd")}, queue.ErrTransient},
		"bare 502":            {canned{status: 502, body: "<html>"}, queue.ErrTransient},
		"bare 429":            {canned{status: 429, body: "{}"}, queue.ErrTransient},
		"cut answer":          {canned{status: 200, body: `{"Successful":[{"Id":"0","Mess`}, queue.ErrTransient},
		"wrong checksum":      {canned{status: 200, body: `{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"00"}]}`}, queue.ErrTransient},
		"no such queue":       {canned{status: 400, body: failure("QueueDoesNotExist")}, queue.ErrNoQueue},
		"too long together":   {canned{status: 400, body: failure("BatchRequestTooLong")}, queue.ErrTooLarge},
		"bad characters":      {canned{status: 400, body: failure("InvalidMessageContents")}, queue.ErrNotText},
		"bad parameter":       {canned{status: 400, body: failure("InvalidParameterValue")}, queue.ErrRefused},
		"access denied":       {canned{status: 400, body: failure("AccessDeniedException")}, nil},
		"expired credentials": {canned{status: 403, body: failure("ExpiredTokenException")}, nil},
		"no such queue, in the query protocol's words": {canned{
			status: 400, body: failure("QueueDoesNotExist"),
			header: map[string]string{"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
		}, queue.ErrNoQueue},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs := queueOver(&tt.answer).SendBatch(t.Context(), []queue.Outgoing{{Body: "a"}, {Body: "b"}})
			if len(errs) != 2 {
				t.Fatalf("%d answers to 2 messages", len(errs))
			}
			for _, err := range errs {
				checkKind(t, err, tt.want)
			}
			if tt.answer.calls != 1 {
				t.Errorf("%d attempts", tt.answer.calls)
			}
		})
	}
}

func TestEntryErrors(t *testing.T) {
	t.Parallel()
	q := queueOver(&canned{status: 200, body: `{"Successful":[{"Id":"1"}],"Failed":[
		{"Id":"0","Code":"InternalError","SenderFault":false,"Message":"m"},
		{"Id":"2","Code":"Odd","SenderFault":false},
		{"Id":"3","Code":"KmsThrottled","SenderFault":true},
		{"Id":"4","Code":"InvalidMessageContents","SenderFault":true},
		{"Id":"5","Code":"ReceiptHandleIsInvalid","SenderFault":true},
		{"Id":"6","Code":"AccessDenied","SenderFault":true},
		{"Id":"99","Code":"InternalError","SenderFault":false}]}`})
	want := []error{
		queue.ErrTransient, nil, queue.ErrTransient, queue.ErrTransient, queue.ErrNotText, queue.ErrReceipt, nil,
		queue.ErrTransient, // not answered at all
	}
	receipts := make([]string, len(want))
	out := make([]queue.Outgoing, len(want))
	for i := range out {
		receipts[i], out[i].Body = "r", "b"
	}
	for name, errs := range map[string][]error{
		"send":   q.SendBatch(t.Context(), out),
		"delete": q.DeleteBatch(t.Context(), receipts),
		"extend": q.ExtendBatch(t.Context(), receipts, time.Minute),
	} {
		if len(errs) != len(want) {
			t.Fatalf("%s: %d answers", name, len(errs))
		}
		for i, err := range errs {
			if i == 1 {
				if err != nil {
					t.Errorf("%s: the good entry: %v", name, err)
				}
				continue
			}
			checkKind(t, err, want[i])
		}
		var entry *sqs.EntryError
		if !errors.As(errs[0], &entry) || entry.Code != "InternalError" || entry.Message != "m" {
			t.Errorf("%s: entry error %+v", name, entry)
		}
	}
}

func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	hangsUp := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(hangsUp.Close)
	for name, endpoint := range map[string]string{"nobody there": gone, "hangs up": hangsUp.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := sqs.New(sqs.NewClient(testConfig(), endpoint), endpoint+"/1/q", sqs.Options{})
			_, err := q.Receive(t.Context(), 1, 0)
			checkKind(t, err, queue.ErrTransient)
			_, err = q.Stats(t.Context())
			checkKind(t, err, queue.ErrTransient)
		})
	}
}

func TestContextErrors(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(hangs.Close)
	t.Cleanup(func() { close(release) })
	q := sqs.New(sqs.NewClient(testConfig(), hangs.URL), hangs.URL+"/1/q", sqs.Options{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := q.Receive(ended, 1, time.Second)
	checkKind(t, err, context.Canceled)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = q.Receive(ctx, 1, time.Second)
	checkKind(t, err, context.DeadlineExceeded)
	for _, err := range q.SendBatch(ctx, []queue.Outgoing{{Body: "b"}}) {
		checkKind(t, err, context.DeadlineExceeded)
	}
}

func TestStatsNeedsEveryNumber(t *testing.T) {
	t.Parallel()
	// A queue without attributes must not look empty.
	s, err := queueOver(&canned{status: 200, body: `{"Attributes":{}}`}).Stats(t.Context())
	if err == nil {
		t.Errorf("no attributes read as %+v, empty %v", s, s.Empty())
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want, request string
		bad               bool
	}{
		"name":        {in: "events", want: "https://sqs.test/1/events", request: `{"QueueName":"events"}`},
		"url":         {in: "https://sqs.test/2/other", want: "https://sqs.test/2/other"},
		"arn":         {in: "arn:aws-cn:sqs:cn-north-1:000011112222:events", want: "https://sqs.test/1/events", request: `{"QueueName":"events","QueueOwnerAWSAccountId":"000011112222"}`},
		"arn of SNS":  {in: "arn:aws:sns:eu-west-1:000011112222:events", bad: true},
		"half an arn": {in: "arn:aws:sqs:eu-west-1", bad: true},
		"empty":       {bad: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{answer: `{"QueueUrl":"https://sqs.test/1/events"}`}
			got, err := sqs.Resolve(t.Context(), clientOver(r), tt.in)
			if got != tt.want || (err != nil) != tt.bad {
				t.Errorf("got %q, error %v", got, err)
			}
			if r.request != tt.request {
				t.Errorf("asked %q, want %q", r.request, tt.request)
			}
		})
	}
	missing := &canned{status: 400, body: `{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}`}
	_, err := sqs.Resolve(t.Context(), clientOver(missing), "events")
	checkKind(t, err, queue.ErrNoQueue)
}

// recorder keeps the body of the last request.
type recorder struct{ answer, request string }

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(req.Body); err != nil {
		return nil, err
	}
	r.request = b.String()
	return (&canned{status: 200, body: r.answer}).Do(&http.Request{Body: http.NoBody})
}

func TestReceiveAsksWithinLimits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		max  int
		wait time.Duration
		want string
	}{
		"zero wait":  {1, 0, `"MaxNumberOfMessages":1`},
		"part":       {3, 100 * time.Millisecond, `"WaitTimeSeconds":1`},
		"rounded up": {3, 1001 * time.Millisecond, `"WaitTimeSeconds":2`},
		"too long":   {3, time.Hour, `"WaitTimeSeconds":20`},
		"too many":   {1000, time.Second, `"MaxNumberOfMessages":10`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{answer: `{}`}
			if _, err := queueOver(r).Receive(t.Context(), tt.max, tt.wait); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.request, tt.want) {
				t.Errorf("asked %s, want %s", r.request, tt.want)
			}
			if tt.wait == 0 && strings.Contains(r.request, `"WaitTimeSeconds":`) && !strings.Contains(r.request, `"WaitTimeSeconds":0`) {
				t.Errorf("waits: %s", r.request)
			}
		})
	}
}
