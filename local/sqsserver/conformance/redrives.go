package conformance

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func redriveCases() []testCase {
	return []testCase{
		{"RedrivePolicyRules", redrivePolicyRules},
		{"RedriveAllowPolicy", redriveAllowPolicy},
		{"RedriveAllowPolicyRules", redriveAllowPolicyRules},
		{"DeadLetterSources", deadLetterSources},
		{"RedriveAfterExactlyMax", redriveAfterExactlyMax},
	}
}

func redrivePolicyRules(x *exchange) {
	dead, queue := x.queue("dead", nil), x.queue("q", nil)
	arn := x.arn(dead)
	for _, policy := range []string{
		`{`, `{"maxReceiveCount":3}`, fmt.Sprintf(`{"deadLetterTargetArn":%q}`, arn),
		fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":0}`, arn),
		fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1001}`, arn),
		fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":3}`, arn+"-none"),
	} {
		x.refused(policy, x.set(queue, "RedrivePolicy", policy), "InvalidParameterValue")
	}
	for _, count := range []string{"1000", `"7"`} {
		x.ok(x.set(queue, "RedrivePolicy", fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%s}`, arn, count)))
		stored := x.attribute(queue, "RedrivePolicy")
		if !strings.Contains(stored, arn) || !strings.Contains(stored, strings.Trim(count, `"`)) {
			x.errorf("RedrivePolicy: %s", stored)
		}
	}
	x.ok(x.set(queue, "RedrivePolicy", ""))
	equal(x, "RedrivePolicy taken away", x.attribute(queue, "RedrivePolicy"), "")
}

func redriveAllowPolicy(x *exchange) {
	dead, queue, other := x.queue("dead", nil), x.queue("q", nil), x.queue("other", nil)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":3}`, x.arn(dead))
	x.ok(x.set(dead, "RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`))
	x.refused("with denyAll", x.set(queue, "RedrivePolicy", policy), "InvalidParameterValue")
	x.ok(x.set(dead, "RedriveAllowPolicy", fmt.Sprintf(`{"redrivePermission":"byQueue","sourceQueueArns":[%q]}`, x.arn(queue))))
	x.ok(x.set(queue, "RedrivePolicy", policy))
	x.refused("of a queue that byQueue does not name", x.set(other, "RedrivePolicy", policy), "InvalidParameterValue")
	x.ok(x.set(dead, "RedriveAllowPolicy", `{"redrivePermission":"allowAll"}`))
	x.ok(x.set(other, "RedrivePolicy", policy))
}

func redriveAllowPolicyRules(x *exchange) {
	dead := x.queue("dead", nil)
	for _, policy := range []string{
		`{`, `{}`, `{"redrivePermission":"some"}`, `{"redrivePermission":"byQueue"}`,
		`{"redrivePermission":"allowAll","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:q"]}`,
	} {
		x.refused(policy, x.set(dead, "RedriveAllowPolicy", policy), "InvalidParameterValue")
	}
}

func deadLetterSources(x *exchange) {
	dead, a, b := x.queue("dead", nil), x.queue("a", nil), x.queue("b", nil)
	x.redrive(a, dead, 3)
	x.redrive(b, dead, 5)
	out, err := x.client.ListDeadLetterSourceQueues(x.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead})
	x.ok(err)
	equal(x, "sources", strings.Join(out.QueueUrls, " "), a+" "+b)
	out, err = x.client.ListDeadLetterSourceQueues(x.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &a})
	x.ok(err)
	equal(x, "sources of a source", len(out.QueueUrls), 0)
}

// redriveAfterExactlyMax receives as often as allowed; the next receive moves the message.
func redriveAfterExactlyMax(x *exchange) {
	dead := x.queue("dead", nil)
	queue := x.queue("q", map[string]string{"VisibilityTimeout": "0"})
	x.redrive(queue, dead, 3)
	id := x.send(queue, "poison")
	var sent string
	for count := 1; count <= 3; count++ {
		m := x.one(queue, 0)
		equal(x, "id", *m.MessageId, id)
		equal(x, "receive count", m.Attributes["ApproximateReceiveCount"], fmt.Sprint(count))
		sent = m.Attributes["SentTimestamp"]
	}
	equal(x, "in the dead-letter queue before", x.attribute(dead, "ApproximateNumberOfMessages"), "0")
	equal(x, "received once too often", len(x.receive(queue, 0)), 0)
	m := x.one(dead, 60)
	equal(x, "body", *m.Body, "poison")
	equal(x, "id", *m.MessageId, id)
	equal(x, "time sent", m.Attributes["SentTimestamp"], sent)
	equal(x, "source", m.Attributes[string(types.MessageSystemAttributeNameDeadLetterQueueSourceArn)], x.arn(queue))
	equal(x, "left behind", x.attribute(queue, "ApproximateNumberOfMessages"), "0")
}
