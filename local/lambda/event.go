package lambda

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// record is a message encoded for an event.
type record struct {
	id, receipt, trace string
	json               []byte
}

func (m *Mapping) record(in *types.Message) (record, error) {
	out := events.SQSMessage{
		MessageId: aws.ToString(in.MessageId), ReceiptHandle: aws.ToString(in.ReceiptHandle), Body: aws.ToString(in.Body),
		Md5OfBody: aws.ToString(in.MD5OfBody), Md5OfMessageAttributes: aws.ToString(in.MD5OfMessageAttributes),
		Attributes: in.Attributes, MessageAttributes: map[string]events.SQSMessageAttribute{},
		EventSourceARN: m.cfg.QueueARN, EventSource: "aws:sqs", AWSRegion: m.cfg.Function.Region(),
	}
	for name, v := range in.MessageAttributes {
		out.MessageAttributes[name] = events.SQSMessageAttribute{
			StringValue: v.StringValue, BinaryValue: v.BinaryValue, StringListValues: []string{}, BinaryListValues: [][]byte{}, DataType: aws.ToString(v.DataType),
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return record{}, fmt.Errorf("encoding message %s: %w", out.MessageId, err)
	}
	return record{id: out.MessageId, receipt: out.ReceiptHandle, trace: in.Attributes[string(types.MessageSystemAttributeNameAWSTraceHeader)], json: text}, nil
}

// The sizes of an event's JSON around its records, and between two of them.
const (
	eventHead = `{"Records":[`
	eventTail = `]}`
)

// payload returns the event of a batch.
func payload(batch []record) []byte {
	size := len(eventHead) + len(eventTail)
	for i := range batch {
		size += len(batch[i].json) + 1
	}
	out := append(make([]byte, 0, size), eventHead...)
	for i := range batch {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, batch[i].json...)
	}
	return append(out, eventTail...)
}

// failures parses which messages of a batch a function reports as failed. As on AWS, a
// response that cannot be parsed, or names a message that was not in the batch, fails
// the whole batch.
func failures(answer []byte, batch []record) (map[string]bool, error) {
	if len(answer) == 0 || string(answer) == "null" {
		return nil, nil
	}
	var said struct {
		Failures []struct {
			ID *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return nil, fmt.Errorf("the response is not a list of batchItemFailures: %w", err)
	}
	known := make(map[string]bool, len(batch))
	for i := range batch {
		known[batch[i].id] = true
	}
	failed := make(map[string]bool, len(said.Failures))
	for _, f := range said.Failures {
		if f.ID == nil || !known[*f.ID] {
			return nil, fmt.Errorf("the response names %q, which is not in the batch", aws.ToString(f.ID))
		}
		failed[*f.ID] = true
	}
	return failed, nil
}
