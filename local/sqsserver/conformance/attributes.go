package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func attributeCases() []testCase {
	return []testCase{
		{"DefaultAttributes", defaultAttributes},
		{"SetAttributes", setAttributes},
		{"AttributeRanges", attributeRanges},
		{"UnknownAttributes", unknownAttributes},
		{"Counts", counts},
		{"Encryption", encryption},
		{"Tags", tags},
		{"Permissions", permissions},
	}
}

func defaultAttributes(x *exchange) {
	queue := x.queue("q", nil)
	out, err := x.client.GetQueueAttributes(x.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	x.ok(err)
	for name, want := range map[string]string{
		"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "DelaySeconds": "0", "MaximumMessageSize": "1048576",
		"ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true", "ApproximateNumberOfMessages": "0",
		"ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
	} {
		equal(x, name, out.Attributes[name], want)
	}
	if !strings.HasPrefix(out.Attributes["QueueArn"], "arn:aws:sqs:") || !strings.HasSuffix(out.Attributes["QueueArn"], ":"+x.name("q")) {
		x.errorf("QueueArn: %s", out.Attributes["QueueArn"])
	}
	for _, name := range []string{"CreatedTimestamp", "LastModifiedTimestamp"} {
		if n, err := strconv.ParseInt(out.Attributes[name], 10, 64); err != nil || n < 1e9 || n > 1e11 {
			x.errorf("%s is no time in seconds: %s", name, out.Attributes[name])
		}
	}
	for _, name := range []string{"RedrivePolicy", "KmsMasterKeyId", "Policy", "FifoQueue"} {
		if value, ok := out.Attributes[name]; ok {
			x.errorf("%s is returned though not set: %q", name, value)
		}
	}
}

func setAttributes(x *exchange) {
	queue := x.queue("q", nil)
	want := map[string]string{
		"VisibilityTimeout": "43200", "MessageRetentionPeriod": "60", "DelaySeconds": "900", "MaximumMessageSize": "1024",
		"ReceiveMessageWaitTimeSeconds": "20",
	}
	_, err := x.client.SetQueueAttributes(x.ctx, &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: want})
	x.ok(err)
	out, err := x.client.GetQueueAttributes(x.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{
			"VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "MaximumMessageSize", "ReceiveMessageWaitTimeSeconds",
		},
	})
	x.ok(err)
	if !maps.Equal(out.Attributes, want) {
		x.errorf("attributes: got %v, want %v", out.Attributes, want)
	}
}

func attributeRanges(x *exchange) {
	queue := x.queue("q", nil)
	for name, values := range map[string][]string{
		"VisibilityTimeout":             {"-1", "43201", "x"},
		"MessageRetentionPeriod":        {"59", "1209601", ""},
		"DelaySeconds":                  {"-1", "901"},
		"MaximumMessageSize":            {"1023", "1048577"},
		"ReceiveMessageWaitTimeSeconds": {"-1", "21"},
		"KmsDataKeyReusePeriodSeconds":  {"59", "86401"},
		"SqsManagedSseEnabled":          {"yes"},
		"Policy":                        {"{"},
	} {
		for _, value := range values {
			x.refused(name+"="+value, x.set(queue, name, value), "InvalidAttributeValue")
		}
	}
	equal(x, "VisibilityTimeout afterwards", x.attribute(queue, "VisibilityTimeout"), "30")
}

func unknownAttributes(x *exchange) {
	queue := x.queue("q", nil)
	err := x.set(queue, "Colour", "red")
	typed[*types.InvalidAttributeName](x, "setting an unknown attribute", err)
	_, err = x.client.GetQueueAttributes(x.ctx, &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{"Colour"}})
	typed[*types.InvalidAttributeName](x, "getting an unknown attribute", err)
	for _, name := range []string{"QueueArn", "CreatedTimestamp", "ApproximateNumberOfMessages"} {
		typed[*types.InvalidAttributeName](x, "setting "+name, x.set(queue, name, "1"))
	}
}

func counts(x *exchange) {
	queue := x.queue("q", nil)
	for i := range 3 {
		x.send(queue, fmt.Sprint("m", i))
	}
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: ptr("later"), DelaySeconds: 100})
	x.ok(err)
	_, err = x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 2})
	x.ok(err)
	flying, _ := strconv.Atoi(x.attribute(queue, "ApproximateNumberOfMessagesNotVisible"))
	visible, _ := strconv.Atoi(x.attribute(queue, "ApproximateNumberOfMessages"))
	equal(x, "visible and in flight", visible+flying, 3)
	equal(x, "some in flight", flying > 0, true)
	equal(x, "delayed", x.attribute(queue, "ApproximateNumberOfMessagesDelayed"), "1")
}

func encryption(x *exchange) {
	queue := x.queue("q", nil)
	x.ok(x.set(queue, "KmsMasterKeyId", "alias/aws/sqs"))
	equal(x, "KmsMasterKeyId", x.attribute(queue, "KmsMasterKeyId"), "alias/aws/sqs")
	equal(x, "KmsDataKeyReusePeriodSeconds", x.attribute(queue, "KmsDataKeyReusePeriodSeconds"), "300")
	equal(x, "SqsManagedSseEnabled", x.attribute(queue, "SqsManagedSseEnabled"), "false")
	x.ok(x.set(queue, "KmsDataKeyReusePeriodSeconds", "86400"))
	equal(x, "KmsDataKeyReusePeriodSeconds", x.attribute(queue, "KmsDataKeyReusePeriodSeconds"), "86400")
	x.ok(x.set(queue, "KmsMasterKeyId", ""))
	equal(x, "KmsMasterKeyId taken away", x.attribute(queue, "KmsMasterKeyId"), "")
}

func tags(x *exchange) {
	out, err := x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{QueueName: ptr(x.name("q")), Tags: map[string]string{"team": "data"}})
	x.ok(err)
	queue := *out.QueueUrl
	_, err = x.client.TagQueue(x.ctx, &sqs.TagQueueInput{QueueUrl: &queue, Tags: map[string]string{"env": "dev", "empty": ""}})
	x.ok(err)
	_, err = x.client.UntagQueue(x.ctx, &sqs.UntagQueueInput{QueueUrl: &queue, TagKeys: []string{"team", "none"}})
	x.ok(err)
	listed, err := x.client.ListQueueTags(x.ctx, &sqs.ListQueueTagsInput{QueueUrl: &queue})
	x.ok(err)
	if want := map[string]string{"env": "dev", "empty": ""}; !maps.Equal(listed.Tags, want) {
		x.errorf("tags: got %v, want %v", listed.Tags, want)
	}
	many := map[string]string{}
	for i := range 49 {
		many[fmt.Sprint("k", i)] = "v"
	}
	_, err = x.client.TagQueue(x.ctx, &sqs.TagQueueInput{QueueUrl: &queue, Tags: many})
	x.refused("51 tags", err, "InvalidParameterValue")
}

func permissions(x *exchange) {
	queue := x.queue("q", nil)
	add := func(label string, accounts, actions []string) error {
		_, err := x.client.AddPermission(x.ctx, &sqs.AddPermissionInput{QueueUrl: &queue, Label: &label, AWSAccountIds: accounts, Actions: actions})
		return err
	}
	x.ok(add("one", []string{"111111111111"}, []string{"SendMessage"}))
	policy := x.attribute(queue, "Policy")
	for _, part := range []string{`"Sid":"one"`, `111111111111`, `SQS:SendMessage`, x.arn(queue)} {
		if !strings.Contains(strings.ReplaceAll(policy, ": ", ":"), part) {
			x.errorf("the policy lacks %s: %s", part, policy)
		}
	}
	x.refused("the label again", add("one", []string{"111111111111"}, []string{"SendMessage"}), "InvalidParameterValue")
	x.refused("an action of the owner", add("two", []string{"111111111111"}, []string{"DeleteQueue"}), "InvalidParameterValue")
	typed[*types.OverLimit](x, "eight actions", add("three", []string{"111111111111"}, slices.Repeat([]string{"SendMessage"}, 8)))
	_, err := x.client.RemovePermission(x.ctx, &sqs.RemovePermissionInput{QueueUrl: &queue, Label: ptr("none")})
	x.refused("removing an unknown label", err, "InvalidParameterValue")
	_, err = x.client.RemovePermission(x.ctx, &sqs.RemovePermissionInput{QueueUrl: &queue, Label: ptr("one")})
	x.ok(err)
	if strings.Contains(x.attribute(queue, "Policy"), `"one"`) {
		x.errorf("the statement is still there")
	}
}

func ptr(s string) *string { return &s }
