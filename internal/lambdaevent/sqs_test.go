package lambdaevent_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"polo/internal/lambdaevent"
	"polo/internal/queue"
)

// event is an SQS event as Lambda delivers it.
const event = `{"Records": [
  {"messageId": "m1", "receiptHandle": "r1", "body": "one", "attributes": {
     "ApproximateReceiveCount": "3", "SentTimestamp": "1760000000123", "ApproximateFirstReceiveTimestamp": "1760000001000",
     "AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793", "SenderId": "AIDA"},
   "messageAttributes": {"ReplayCount": {"stringValue": "2", "dataType": "String"}, "Raw": {"binaryValue": "AAE=", "dataType": "Binary"}},
   "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:polo", "awsRegion": "us-east-1"},
  {"messageId": "m2", "receiptHandle": "r2", "body": "two", "attributes": {}, "messageAttributes": {}}
]}`

func parse(t *testing.T) events.SQSEvent {
	t.Helper()
	var e events.SQSEvent
	if err := json.Unmarshal([]byte(event), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMessages(t *testing.T) {
	t.Parallel()
	want := []queue.Message{
		{
			ID: "m1", Queue: "polo", Receipt: "r1", Body: "one", ReceiveCount: 3, Attributes: map[string]string{"ReplayCount": "2"},
			SentAt: time.UnixMilli(1760000000123).UTC(), FirstReceivedAt: time.UnixMilli(1760000001000).UTC(),
			TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
		},
		{ID: "m2", Receipt: "r2", Body: "two"},
	}
	if diff := cmp.Diff(want, lambdaevent.Messages(parse(t))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResponseNamesWhatIsNotDone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		acked []bool
		want  string
	}{
		{"all done", []bool{true, true}, `{"batchItemFailures":[]}`},
		{"one to retry", []bool{false, true}, `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`},
		{"not judged is not done", nil, `{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(lambdaevent.Response(parse(t), c.acked))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
