package sqsserver

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// ask makes a call and returns the response's status and body.
func ask(t *testing.T, s *Server, action, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sqs.local/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	answer, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// TestBrokenStore closes the file under a running server.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	dir := t.TempDir()
	s, err := New(Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	const queue = `{"QueueUrl":"http://sqs.local/000000000000/q"`
	ask(t, s, "CreateQueue", `{"QueueName":"q"}`)
	ask(t, s, "SendMessage", queue+`,"MessageBody":"stored"}`)
	if err := s.store.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusInternalServerError, http.StatusServiceUnavailable} {
		status, body := ask(t, s, "SendMessage", queue+`,"MessageBody":"lost"}`)
		if status != want {
			t.Errorf("sending: %d %s, want %d", status, body, want)
		}
	}
	if !strings.Contains(log.String(), "committing") {
		t.Errorf("the log does not say why: %s", log.String())
	}
	if err := s.Close(); err == nil {
		t.Error("closing does not report it")
	}
	if s, err = New(Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if _, body := ask(t, s, "ReceiveMessage", queue+`,"MaxNumberOfMessages":10}`); strings.Count(body, "MessageId") != 1 {
		t.Errorf("left: %s", body)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// FuzzActions sends any body to every action: it may be refused, but must neither fail
// nor panic.
func FuzzActions(f *testing.F) {
	for i, body := range []string{
		`{"QueueName":"q","Attributes":{"RedrivePolicy":"{}"}}`,
		`{"QueueUrl":"http://x/000000000000/q","MessageBody":"m","MessageAttributes":{"a":{"DataType":"Number","StringValue":"1e5"}}}`,
		`{"QueueUrl":"http://x/000000000000/q","Entries":[{"Id":"a","MessageBody":"m"},{"Id":"b","ReceiptHandle":"x","VisibilityTimeout":1}]}`,
		`{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q","TaskHandle":"YSBi","MaxResults":10}`,
		`{"QueueUrl":"http://x/000000000000/q","Label":"l","AWSAccountIds":["111111111111"],"Actions":["*"],"Tags":{"a":"b"},"TagKeys":["a"]}`,
	} {
		f.Add(uint8(i), body)
	}
	names := make([]string, 0, len(actions()))
	for name := range actions() {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		if strings.Contains(body, "WaitTime") {
			return // it would wait
		}
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		ask(t, s, "CreateQueue", `{"QueueName":"q"}`)
		ask(t, s, "SendMessage", `{"QueueUrl":"http://x/000000000000/q","MessageBody":"m"}`)
		name := names[int(which)%len(names)]
		status, answer := ask(t, s, name, body)
		if status != http.StatusOK && status != http.StatusBadRequest {
			t.Errorf("%s %q: %d %s", name, body, status, answer)
		}
		if !json.Valid([]byte(answer)) {
			t.Errorf("%s %q: not JSON: %q", name, body, answer)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
