package cloudtrail_test

import (
	"testing"

	"polo/envelope"
	"polo/producers/cloudtrail"
	"polo/producers/cloudtrail/resolve"
)

// TestEventBridge: the events of EventBridge events without a CloudTrail record.
func TestEventBridge(t *testing.T) {
	t.Parallel()
	event := func(source, typ, resources, detail string) string {
		return `{"version":"0","id":"e-1","detail-type":"` + typ + `","source":"` + source + `","account":"111122223333","time":"2026-03-01T10:11:12Z","region":"eu-west-1","resources":[` + resources + `],"detail":` + detail + `}`
	}
	const group = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:5f0c3c1e-1111-4222-8333-444455556666:autoScalingGroupName/web"
	cases := []struct {
		name, record, arn, state, source string
		how                              resolve.Resolution
		second                           string
	}{
		{
			"instance starts", event("aws.ec2", "EC2 Instance State-change Notification", `"`+instance+`"`, `{"instance-id":"i-0123456789abcdef0","state":"pending"}`),
			instance, "pending", "aws.eventbridge", resolve.ResolvedResources, envelope.TypeResourceUpdated,
		},
		{
			"instance ends", event("aws.ec2", "EC2 Instance State-change Notification", `"`+instance+`"`, `{"instance-id":"i-0123456789abcdef0","state":"terminated"}`),
			instance, "terminated", "aws.eventbridge", resolve.ResolvedResources, envelope.TypeResourceDeleted,
		},
		{
			"resources left out", event("aws.ec2", "EC2 Instance State-change Notification", ``, `{"instance-id":"i-0123456789abcdef0","state":"running"}`),
			instance, "running", "aws.eventbridge", resolve.ResolvedBuilt, envelope.TypeResourceUpdated,
		},
		{
			"launch failed", event("aws.autoscaling", "EC2 Instance Launch Unsuccessful", `"`+group+`"`, `{"StatusCode":"Failed","AutoScalingGroupName":"web"}`),
			group, "Failed", "aws.eventbridge", resolve.ResolvedResources, "",
		},
		{
			"finding", event("aws.guardduty", "GuardDuty Finding", ``, `{"arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f","service":{"detectorId":"d"},"resource":{"instanceDetails":{"instanceId":"i-0123456789abcdef0"}}}`),
			"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f", "", "aws.eventbridge", resolve.ResolvedDetailsARN, "",
		},
		{
			"one's own", event("com.example.orders", "order placed", ``, `{"order":7}`),
			root, "", "aws.eventbridge", resolve.ResolvedAccount, "",
		},
		{
			"configuration change", `{"configRuleArn":"arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-1","accountId":"111122223333","invokingEvent":"{\"configurationItem\":{\"relationships\":[{\"resourceId\":\"eni-705bed5f\"}],\"ARN\":\"` + sg + `\",\"awsRegion\":\"eu-west-1\",\"configurationItemStatus\":\"OK\"},\"notificationCreationTime\":\"2026-03-01T10:11:12.000Z\",\"messageType\":\"ConfigurationItemChangeNotification\"}"}`,
			sg, "OK", "aws.config", resolve.ResolvedDetailsARN, "",
		},
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out := normalise(t, n, tc.record)
			e := out.Events[0]
			if e.EventType != envelope.TypeServiceEvent || e.Source != tc.source || e.ARN != tc.arn || e.State != tc.state || out.How != tc.how {
				t.Errorf("%s from %s: ARN %q (%s), state %q; want %q (%s), %q from %s", e.EventType, e.Source, e.ARN, out.How, e.State, tc.arn, tc.how, tc.state, tc.source)
			}
			second := ""
			if len(out.Events) > 1 {
				second = out.Events[1].EventType
			}
			if second != tc.second {
				t.Errorf("second event %q, want %q", second, tc.second)
			}
		})
	}
}
