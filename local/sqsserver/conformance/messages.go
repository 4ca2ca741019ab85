package conformance

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func messageCases() []testCase {
	return []testCase{
		{"SendReceiveDelete", sendReceiveDelete},
		{"Bodies", bodies},
		{"InvalidContents", invalidContents},
		{"EmptyBody", emptyBody},
		{"MessageAttributes", messageAttributes},
		{"MessageAttributeNames", messageAttributeNames},
		{"MessageAttributeRules", messageAttributeRules},
		{"SystemAttributes", systemAttributes},
		{"GroupOfStandardQueue", groupOfStandardQueue},
		{"MessageSize", messageSize},
		{"DelayRange", delayRange},
		{"ReceiveLimits", receiveLimits},
		{"LongPollWakes", longPollWakes},
		{"NoGhostPoll", noGhostPoll},
	}
}

func sendReceiveDelete(x *exchange) {
	queue := x.queue("q", nil)
	id := x.send(queue, "hello")
	m := x.one(queue, 60)
	equal(x, "id", *m.MessageId, id)
	equal(x, "body", *m.Body, "hello")
	equal(x, "digest", *m.MD5OfBody, "5d41402abc4b2a76b9719d911017c592")
	equal(x, "received while in flight", len(x.receive(queue, 60)), 0)
	_, err := x.client.DeleteMessage(x.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle})
	x.ok(err)
	equal(x, "in flight after deletion", x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"), "0")
}

// bodies sends texts that an encoding may damage; the SDK checks their digests.
func bodies(x *exchange) {
	queue := x.queue("q", nil)
	for _, body := range []string{
		`quotes " and \ back / slashes`, "tab\tline\nreturn\r", "é ß 漢字 \U0001F600 \u2028", "<html>&amp;</html>", " ",
		"\u007f\u0085\ue000\ufffd\U00010000\U0010ffff", `{"v":1,"events":"\u0041\\u0041"}`, strings.Repeat("x\"", 50_000),
	} {
		x.send(queue, body)
		m := x.one(queue, 60)
		equal(x, "body", *m.Body, body)
		_, err := x.client.DeleteMessage(x.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle})
		x.ok(err)
	}
}

func invalidContents(x *exchange) {
	queue := x.queue("q", nil)
	for _, body := range []string{"\x00", "a\x0b", "\x1f", "long enough to be looked at in words\x01", "\ufffe", "\uffff"} {
		_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
		typed[*types.InvalidMessageContents](x, "sending "+strconv.Quote(body), err)
	}
	equal(x, "messages", x.attribute(queue, "ApproximateNumberOfMessages"), "0")
}

func emptyBody(x *exchange) {
	queue := x.queue("q", nil)
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("")})
	x.refused("sending nothing", err, "MissingParameter")
}

func text(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: ptr("String"), StringValue: &value}
}

func messageAttributes(x *exchange) {
	queue := x.queue("q", nil)
	sent := map[string]types.MessageAttributeValue{
		"b":       text("two"),
		"A.dot-_": text("one é"),
		"n":       {DataType: ptr("Number"), StringValue: ptr("-12.50")},
		"custom":  {DataType: ptr("Number.int"), StringValue: ptr("7")},
		"bin":     {DataType: ptr("Binary.gif"), BinaryValue: []byte{0, 255, 1}},
	}
	out, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("m"), MessageAttributes: sent})
	x.ok(err)
	m := x.one(queue, 60)
	if diff := cmp.Diff(sent, m.MessageAttributes, cmpopts.IgnoreUnexported(types.MessageAttributeValue{})); diff != "" {
		x.errorf("attributes (-sent +received):\n%s", diff)
	}
	const digest = "a6ed8538f47fda688fa1024b7e8cb7ab"
	if out.MD5OfMessageAttributes == nil || m.MD5OfMessageAttributes == nil {
		x.fatalf("no digest of the attributes")
	}
	equal(x, "digest when sent", *out.MD5OfMessageAttributes, digest)
	equal(x, "digest when received", *m.MD5OfMessageAttributes, digest)
}

func messageAttributeNames(x *exchange) {
	queue := x.queue("q", map[string]string{"VisibilityTimeout": "0"})
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{
		QueueUrl: &queue, MessageBody: ptr("m"),
		MessageAttributes: map[string]types.MessageAttributeValue{"foo.a": text("1"), "foo.b": text("2"), "bar": text("3")},
	})
	x.ok(err)
	for _, c := range []struct {
		ask  []string
		want int
	}{{nil, 0}, {[]string{"All"}, 3}, {[]string{".*"}, 3}, {[]string{"bar"}, 1}, {[]string{"foo.*"}, 2}, {[]string{"foo"}, 0}, {[]string{"bar", "foo.a"}, 2}} {
		out, err := x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MessageAttributeNames: c.ask})
		x.ok(err)
		if len(out.Messages) != 1 {
			x.fatalf("received %d messages", len(out.Messages))
		}
		equal(x, "attributes for "+strings.Join(c.ask, ","), len(out.Messages[0].MessageAttributes), c.want)
		equal(x, "digest for "+strings.Join(c.ask, ","), out.Messages[0].MD5OfMessageAttributes != nil, c.want > 0)
		if len(c.ask) == 1 && c.ask[0] == "bar" && c.want > 0 {
			equal(x, "digest of what is returned", *out.Messages[0].MD5OfMessageAttributes, "5789c6eaa14009d8bf4fb0814c1143eb")
		}
	}
}

func messageAttributeRules(x *exchange) {
	queue := x.queue("q", nil)
	eleven := map[string]types.MessageAttributeValue{}
	for i := range 11 {
		eleven["a"+strconv.Itoa(i)] = text("v")
	}
	one := func(name string, value types.MessageAttributeValue) map[string]types.MessageAttributeValue {
		return map[string]types.MessageAttributeValue{name: value}
	}
	for what, attributes := range map[string]map[string]types.MessageAttributeValue{
		"eleven attributes":     eleven,
		"a space in a name":     one("a b", text("v")),
		"a reserved name":       one("aWs.x", text("v")),
		"a leading period":      one(".a", text("v")),
		"periods in a row":      one("a..b", text("v")),
		"a long name":           one(strings.Repeat("n", 257), text("v")),
		"an unknown type":       one("a", types.MessageAttributeValue{DataType: ptr("Text"), StringValue: ptr("v")}),
		"an empty value":        one("a", text("")),
		"no value":              one("a", types.MessageAttributeValue{DataType: ptr("String")}),
		"a word for a number":   one("a", types.MessageAttributeValue{DataType: ptr("Number"), StringValue: ptr("many")}),
		"text in a binary type": one("a", types.MessageAttributeValue{DataType: ptr("Binary"), StringValue: ptr("v")}),
	} {
		_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("m"), MessageAttributes: attributes})
		x.refused(what, err, "InvalidParameterValue")
	}
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("m"), MessageAttributes: one("a", text("\x00"))})
	typed[*types.InvalidMessageContents](x, "a control character in a value", err)
}

func systemAttributes(x *exchange) {
	queue := x.queue("q", map[string]string{"VisibilityTimeout": "0"})
	const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	before := time.Now().Add(-time.Second).UnixMilli()
	out, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{
		QueueUrl: &queue, MessageBody: ptr("m"), MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: ptr("String"), StringValue: ptr(header)},
		},
	})
	x.ok(err)
	if out.MD5OfMessageSystemAttributes == nil {
		x.errorf("no digest of the system attributes")
	} else {
		equal(x, "digest of the system attributes", *out.MD5OfMessageSystemAttributes, "5ae4d5d7636402d80f4eb6d213245a88")
	}
	for count := 1; count <= 2; count++ {
		m := x.one(queue, 0)
		equal(x, "AWSTraceHeader", m.Attributes["AWSTraceHeader"], header)
		equal(x, "ApproximateReceiveCount", m.Attributes["ApproximateReceiveCount"], strconv.Itoa(count))
		sent, _ := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		first, _ := strconv.ParseInt(m.Attributes["ApproximateFirstReceiveTimestamp"], 10, 64)
		if sent < before || first < sent || first > time.Now().Add(time.Second).UnixMilli() {
			x.errorf("times: sent %d, first received %d, begun %d", sent, first, before)
		}
		equal(x, "SenderId is there", m.Attributes["SenderId"] != "", true)
	}
	plain, err := x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue})
	x.ok(err)
	if len(plain.Messages) != 1 || len(plain.Messages[0].Attributes) != 0 {
		x.errorf("attributes that nobody asked for: %v", plain.Messages)
	}
	_, err = x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"Colour"}})
	typed[*types.InvalidAttributeName](x, "asking for an unknown attribute", err)
}

func groupOfStandardQueue(x *exchange) {
	queue := x.queue("q", nil)
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("m"), MessageGroupId: ptr("tenant")})
	x.ok(err)
	equal(x, "MessageGroupId", x.one(queue, 60).Attributes["MessageGroupId"], "tenant")
}

func messageSize(x *exchange) {
	queue := x.queue("q", map[string]string{"MaximumMessageSize": "1024"})
	x.send(queue, strings.Repeat("x", 1024))
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr(strings.Repeat("x", 1025))})
	x.refused("1025 bytes", err, "InvalidParameterValue")
	_, err = x.client.SendMessage(x.ctx, &sqs.SendMessageInput{
		QueueUrl: &queue, MessageBody: ptr(strings.Repeat("x", 1024-9)),
		MessageAttributes: map[string]types.MessageAttributeValue{"abc": text("v")}, // 3 + 6 + 1 bytes
	})
	x.refused("1015 bytes and 10 of attributes", err, "InvalidParameterValue")
	_, err = x.client.SendMessage(x.ctx, &sqs.SendMessageInput{
		QueueUrl: &queue, MessageBody: ptr(strings.Repeat("x", 1024-10)),
		MessageAttributes: map[string]types.MessageAttributeValue{"abc": text("v")},
	})
	x.ok(err)
	large := x.queue("large", nil)
	x.send(large, strings.Repeat("x", 1<<20))
	_, err = x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &large, MessageBody: ptr(strings.Repeat("x", 1<<20+1))})
	x.refused("more than 1 MiB", err, "InvalidParameterValue")
}

func delayRange(x *exchange) {
	queue := x.queue("q", nil)
	for _, delay := range []int32{-1, 901} {
		_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("m"), DelaySeconds: delay})
		x.refused("delay "+strconv.Itoa(int(delay)), err, "InvalidParameterValue")
	}
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("m"), DelaySeconds: 900})
	x.ok(err)
	equal(x, "received before its time", len(x.receive(queue, 1)), 0)
}

func receiveLimits(x *exchange) {
	queue := x.queue("q", nil)
	for what, in := range map[string]*sqs.ReceiveMessageInput{
		"11 messages":          {MaxNumberOfMessages: 11},
		"-1 messages":          {MaxNumberOfMessages: -1},
		"21 seconds of wait":   {WaitTimeSeconds: 21},
		"visibility of 12h 1s": {VisibilityTimeout: 43201},
	} {
		in.QueueUrl = &queue
		_, err := x.client.ReceiveMessage(x.ctx, in)
		x.refused(what, err, "InvalidParameterValue")
	}
	for range 12 {
		x.send(queue, "m")
	}
	out, err := x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue})
	x.ok(err)
	equal(x, "messages by default", len(out.Messages), 1)
	equal(x, "messages at most", len(x.receive(queue, 60)) <= 10, true)
}

func longPollWakes(x *exchange) {
	queue := x.queue("q", nil)
	type answer struct {
		n    int
		err  error
		took time.Duration
	}
	answers := make(chan answer, 1)
	begun := time.Now()
	go func() {
		out, err := x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
		a := answer{err: err, took: time.Since(begun)}
		if out != nil {
			a.n = len(out.Messages)
		}
		answers <- a
	}()
	time.Sleep(300 * time.Millisecond)
	x.send(queue, "m")
	a := <-answers
	x.ok(a.err)
	equal(x, "messages", a.n, 1)
	if a.took < 250*time.Millisecond || a.took > 5*time.Second {
		x.errorf("the poll took %s", a.took)
	}
}

// noGhostPoll cancels a long poll: what is sent afterwards must reach the next receiver.
func noGhostPoll(x *exchange) {
	queue := x.queue("q", nil)
	ctx, cancel := context.WithTimeout(x.ctx, 300*time.Millisecond)
	defer cancel()
	_, err := x.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 5})
	if !errors.Is(err, context.DeadlineExceeded) {
		x.fatalf("a cancelled poll: got %v", err)
	}
	time.Sleep(100 * time.Millisecond)
	x.send(queue, "m")
	time.Sleep(100 * time.Millisecond)
	m := x.one(queue, 60)
	equal(x, "receive count", m.Attributes["ApproximateReceiveCount"], "1")
}
