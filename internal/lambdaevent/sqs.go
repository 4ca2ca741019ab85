// Package lambdaevent maps AWS Lambda's events to Polo's types and back. Only it and
// the Lambda mains import aws-lambda-go.
package lambdaevent

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"polo/internal/queue"
)

// Messages returns the messages of an SQS event.
func Messages(e events.SQSEvent) []queue.Message {
	out := make([]queue.Message, len(e.Records))
	for i := range e.Records {
		r := &e.Records[i]
		m := queue.Message{
			ID: r.MessageId, Queue: r.EventSourceARN[strings.LastIndexByte(r.EventSourceARN, ':')+1:], Receipt: r.ReceiptHandle, Body: r.Body,
			SentAt:           milliseconds(r.Attributes["SentTimestamp"]),
			FirstReceivedAt:  milliseconds(r.Attributes["ApproximateFirstReceiveTimestamp"]),
			DeadLetterSource: r.Attributes["DeadLetterQueueSourceArn"],
			TraceHeader:      r.Attributes["AWSTraceHeader"],
		}
		if n, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"]); err == nil {
			m.ReceiveCount = n
		}
		for name, v := range r.MessageAttributes {
			if v.StringValue == nil {
				continue
			}
			if m.Attributes == nil {
				m.Attributes = make(map[string]string, len(r.MessageAttributes))
			}
			m.Attributes[name] = *v.StringValue
		}
		out[i] = m
	}
	return out
}

// milliseconds parses SQS's epoch milliseconds; zero if absent.
func milliseconds(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Response lists every message that is not acked, by its index, as failed, so that Lambda
// deletes only the others (ReportBatchItemFailures).
func Response(e events.SQSEvent, acked []bool) events.SQSEventResponse {
	// Not nil, which would encode as null.
	failures := []events.SQSBatchItemFailure{}
	for i := range e.Records {
		if i >= len(acked) || !acked[i] {
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: e.Records[i].MessageId})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: failures}
}
