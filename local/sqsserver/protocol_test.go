package sqsserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"polo/local/sqsserver"
)

// TestProtocol sends requests that no SDK would.
func TestProtocol(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server := newServer(t, sqsserver.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	rawCall(t, server.Client(), "CreateQueue", []byte(`{"QueueName":"q","tags":null}`))
	const queue = `"QueueUrl":"http://elsewhere/000000000000/q"`
	for _, c := range []struct {
		name, method, target, body string
		status                     int
		shape, query               string
	}{
		{"get", "GET", "AmazonSQS.ListQueues", "", 400, "UnknownOperationException", "InvalidAction;Sender"},
		{"no target", "POST", "", "Action=ListQueues", 400, "UnknownOperationException", "InvalidAction;Sender"},
		{"unknown action", "POST", "AmazonSQS.Sing", "{}", 400, "UnknownOperationException", "InvalidAction;Sender"},
		{"no JSON", "POST", "AmazonSQS.SendMessage", "{", 400, "SerializationException", "SerializationException;Sender"},
		{"a list", "POST", "AmazonSQS.SendMessage", "[]", 400, "SerializationException", "SerializationException;Sender"},
		{"two values", "POST", "AmazonSQS.ListQueues", "{} {}", 400, "SerializationException", "SerializationException;Sender"},
		{"wrong type", "POST", "AmazonSQS.SendMessage", `{` + queue + `,"MessageBody":5}`, 400, "SerializationException", "SerializationException;Sender"},
		{"wrong number", "POST", "AmazonSQS.SendMessage", `{` + queue + `,"MessageBody":"m","DelaySeconds":"x"}`, 400, "SerializationException", "SerializationException;Sender"},
		{"bad escape", "POST", "AmazonSQS.SendMessage", `{` + queue + `,"MessageBody":"\x"}`, 400, "SerializationException", "SerializationException;Sender"},
		{"no UTF-8", "POST", "AmazonSQS.SendMessage", `{` + queue + `,"MessageBody":"a` + "\xff" + `"}`, 400, "InvalidMessageContents", "InvalidMessageContents;Sender"},
		{"no queue URL", "POST", "AmazonSQS.SendMessage", `{"MessageBody":"m"}`, 400, "MissingRequiredParameterException", "MissingParameter;Sender"},
		{"no body", "POST", "AmazonSQS.SendMessage", `{` + queue + `}`, 400, "MissingRequiredParameterException", "MissingParameter;Sender"},
		{"no handle", "POST", "AmazonSQS.DeleteMessage", `{` + queue + `}`, 400, "MissingRequiredParameterException", "MissingParameter;Sender"},
		{"no name", "POST", "AmazonSQS.CreateQueue", ``, 400, "MissingRequiredParameterException", "MissingParameter;Sender"},
		{"other account", "POST", "AmazonSQS.PurgeQueue", `{"QueueUrl":"http://x/111111111111/q"}`, 400, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender"},
		{"bad page", "POST", "AmazonSQS.ListQueues", `{"MaxResults":1001}`, 400, "InvalidParameterValueException", "InvalidParameterValue;Sender"},
		{"bad token", "POST", "AmazonSQS.ListQueues", `{"NextToken":"!"}`, 400, "InvalidParameterValueException", "InvalidParameterValue;Sender"},
		{"too large", "POST", "AmazonSQS.SendMessage", strings.Repeat(" ", 8<<20), 413, "RequestEntityTooLargeException", "RequestEntityTooLarge;Sender"},
		{"null fields", "POST", "AmazonSQS.ReceiveMessage", `{` + queue + `,"AttributeNames":null,"WaitTimeSeconds":null,"New":{"a":[1]}}`, 200, "", ""},
		{"one byte of body", "POST", "AmazonSQS.SendMessage", `{` + queue + `,"MessageBody":"m"}`, 200, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), c.method, "http://sqs.local/any/path", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.target != "" {
				r.Header.Set("X-Amz-Target", c.target)
			}
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.Body.Close(); err != nil {
				t.Fatal(err)
			}
			var got struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			_, shape, _ := strings.Cut(got.Type, "#")
			if answer.StatusCode != c.status || shape != c.shape || answer.Header.Get("X-Amzn-Query-Error") != c.query || (got.Message == "") != (c.shape == "") {
				t.Errorf("got %d %s, %q", answer.StatusCode, body, answer.Header.Get("X-Amzn-Query-Error"))
			}
			if answer.Header.Get("Content-Type") != "application/x-amz-json-1.0" || answer.Header.Get("X-Amzn-Requestid") == "" {
				t.Errorf("headers: %v", answer.Header)
			}
		})
	}
	if log.Len() > 0 {
		t.Errorf("logged though nothing was the server's fault: %s", log.String())
	}
}

// TestOversizedWithoutLength: a body without a stated length is bounded too.
func TestOversizedWithoutLength(t *testing.T) {
	t.Parallel()
	server := newServer(t, sqsserver.Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sqs.local/", struct{ io.Reader }{strings.NewReader(strings.Repeat(" ", 8<<20))})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", answer.StatusCode)
	}
}
