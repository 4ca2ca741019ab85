package sqsserver

import (
	"errors"
	"fmt"

	"github.com/go-faster/jx"
)

// request holds the fields of every action: the protocol gives each name one type throughout.
type request struct {
	queueURL, queueName, ownerAccount string
	entry                             // the message of the single forms
	entries                           []entry
	attributes                        map[string]string
	tags                              map[string]string
	tagKeys                           []string
	attributeNames                    []string
	systemAttributeNames              []string
	messageAttributeNames             []string
	maxMessages, wait                 optional
	maxResults                        optional
	nextToken, prefix                 string
	label                             string
	accountIDs, actions               []string
	sourceARN, destinationARN         string
	taskHandle                        string
	rate                              optional
}

// entry is one message, receipt or visibility of a call. body is the JSON string as received, with quotes and
// escapes, still in the request's buffer.
type entry struct {
	id               string
	body             []byte
	delay            optional
	attributes       []attribute
	systemAttributes []attribute
	receiptHandle    string
	visibility       optional
	groupID          string
	deduplicationID  string
}

// optional is a number that may be absent.
type optional struct {
	value int64
	set   bool
}

func (o optional) or(otherwise int64) int64 {
	if o.set {
		return o.value
	}
	return otherwise
}

func decodeRequest(buf []byte) (*request, error) {
	r := new(request)
	if len(buf) == 0 {
		return r, nil
	}
	d := jx.DecodeBytes(buf)
	if err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		if d.Next() == jx.Null {
			return d.Skip()
		}
		if err := r.field(d, string(key)); err != nil {
			return fmt.Errorf("decoding %q: %w", shorten(string(key)), err)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if d.Next() != jx.Invalid {
		return nil, errors.New("decoding request: data after its end")
	}
	return r, nil
}

func (r *request) field(d *jx.Decoder, key string) (err error) {
	switch key {
	case "QueueUrl":
		r.queueURL, err = d.Str()
	case "QueueName":
		r.queueName, err = d.Str()
	case "QueueOwnerAWSAccountId":
		r.ownerAccount, err = d.Str()
	case "QueueNamePrefix":
		r.prefix, err = d.Str()
	case "Attributes":
		r.attributes, err = decodeMap(d)
	case "tags", "Tags":
		r.tags, err = decodeMap(d)
	case "TagKeys":
		r.tagKeys, err = decodeStrings(d)
	case "AttributeNames":
		r.attributeNames, err = decodeStrings(d)
	case "MessageSystemAttributeNames":
		r.systemAttributeNames, err = decodeStrings(d)
	case "MessageAttributeNames":
		r.messageAttributeNames, err = decodeStrings(d)
	case "AWSAccountIds":
		r.accountIDs, err = decodeStrings(d)
	case "Actions":
		r.actions, err = decodeStrings(d)
	case "Label":
		r.label, err = d.Str()
	case "MaxNumberOfMessages":
		r.maxMessages, err = decodeOptional(d)
	case "WaitTimeSeconds":
		r.wait, err = decodeOptional(d)
	case "MaxResults":
		r.maxResults, err = decodeOptional(d)
	case "MaxNumberOfMessagesPerSecond":
		r.rate, err = decodeOptional(d)
	case "NextToken":
		r.nextToken, err = d.Str()
	case "SourceArn":
		r.sourceARN, err = d.Str()
	case "DestinationArn":
		r.destinationARN, err = d.Str()
	case "TaskHandle":
		r.taskHandle, err = d.Str()
	case "Entries":
		err = d.Arr(r.addEntry)
	default:
		err = r.entry.field(d, key)
	}
	return err
}

func (r *request) addEntry(d *jx.Decoder) error {
	var e entry
	if err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		if d.Next() == jx.Null {
			return d.Skip()
		}
		return e.field(d, string(key))
	}); err != nil {
		return err
	}
	r.entries = append(r.entries, e)
	return nil
}

func (e *entry) field(d *jx.Decoder, key string) (err error) {
	switch key {
	case "Id":
		e.id, err = d.Str()
	case "MessageBody":
		if d.Next() != jx.String {
			return errors.New("a string is expected")
		}
		var raw jx.Raw
		raw, err = d.Raw()
		e.body = raw
	case "DelaySeconds":
		e.delay, err = decodeOptional(d)
	case "ReceiptHandle":
		e.receiptHandle, err = d.Str()
	case "VisibilityTimeout":
		e.visibility, err = decodeOptional(d)
	case "MessageAttributes":
		e.attributes, err = decodeAttributes(d)
	case "MessageSystemAttributes":
		e.systemAttributes, err = decodeAttributes(d)
	case "MessageGroupId":
		e.groupID, err = d.Str()
	case "MessageDeduplicationId":
		e.deduplicationID, err = d.Str()
	default:
		err = d.Skip() // a field newer than this server
	}
	return err
}

func decodeOptional(d *jx.Decoder) (optional, error) {
	n, err := d.Int64()
	return optional{value: n, set: true}, err
}

func decodeStrings(d *jx.Decoder) ([]string, error) {
	list := []string{}
	err := d.Arr(func(d *jx.Decoder) error {
		s, err := d.Str()
		list = append(list, s)
		return err
	})
	return list, err
}

func decodeMap(d *jx.Decoder) (map[string]string, error) {
	m := map[string]string{}
	err := d.Obj(func(d *jx.Decoder, key string) error {
		value, err := d.Str()
		m[key] = value
		return err
	})
	return m, err
}
