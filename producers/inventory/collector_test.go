package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
)

// secrets answers ListSecrets in pages of one; the last page is the given answer.
func secrets(pages int, lastStatus int, lastBody string) func(call, about string) (int, string) {
	return func(_, about string) (int, string) {
		page := 1
		if token := member(about, "NextToken"); token != "" {
			if _, err := fmt.Sscan(token, &page); err != nil {
				return 400, refusal("InvalidNextTokenException")
			}
		}
		if page == pages && lastStatus != 0 {
			return lastStatus, lastBody
		}
		next := ""
		if page < pages {
			next = fmt.Sprintf(`,"NextToken":"%d"`, page+1)
		}
		return 200, fmt.Sprintf(`{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:%s:secret:s%d-AbCdEf","Name":"s%d"}]%s}`, motoAccount, page, page, next)
	}
}

// TestPagesAndRefusals: a type is complete only if its last page was read. Items of earlier pages
// are emitted in any case, and the gap says why the reading ended.
func TestPagesAndRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		answer   func(call, about string) (int, string)
		events   int
		complete bool
		reason   producers.GapReason
		code     string
	}{
		{"three pages", secrets(3, 0, ""), 3, true, "", ""},
		{"one empty page", secrets(1, 200, `{"SecretList":[]}`), 0, true, "", ""},
		{"no list at all", secrets(1, 200, `{}`), 0, true, "", ""},
		{"denied at once", secrets(1, 400, refusal("AccessDeniedException")), 0, false, producers.GapDenied, "AccessDeniedException"},
		{"denied on the third page", secrets(3, 400, refusal("AccessDeniedException")), 2, false, producers.GapDenied, "AccessDeniedException"},
		{"throttled on the second page", secrets(2, 400, refusal("ThrottlingException")), 1, false, producers.GapThrottled, "ThrottlingException"},
		{"too many requests", secrets(1, 429, refusal("TooManyRequestsException")), 0, false, producers.GapThrottled, "TooManyRequestsException"},
		{"out of order", secrets(2, 503, refusal("ServiceUnavailable")), 1, false, producers.GapUnreachable, "ServiceUnavailable"},
		{"not JSON", secrets(2, 200, `<html>`), 1, false, producers.GapFailed, ""},
		{"an item without ARN", secrets(2, 200, `{"SecretList":[{"Name":"x"},{"ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:y-AbCdEf"}]}`), 2, false, producers.GapInvalid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeAWS{answer: c.answer}
			r, summary := collect(t, fake.start(t), "aws.secretsmanager")
			if got := len(r.resources()); got != c.events {
				t.Errorf("%d events, want %d", got, c.events)
			}
			if region, ok := r.completed()["secretsmanager:secret"]; ok != c.complete || ok && region != "eu-west-1" {
				t.Errorf("complete %v in %q", ok, region)
			}
			if c.reason == "" {
				if len(summary.Gaps) > 0 {
					t.Errorf("gaps %+v", summary.Gaps)
				}
				return
			}
			if len(summary.Gaps) != 1 || summary.Gaps[0].Reason != c.reason || summary.Gaps[0].Code != c.code || summary.Gaps[0].What != "secretsmanager:secret" {
				t.Errorf("gaps %+v", summary.Gaps)
			}
		})
	}
}

// ec2Answers answers every list of EC2 with an empty one, except those in special.
func ec2Answers(special map[string]func(about string) (int, string)) func(call, about string) (int, string) {
	return func(call, about string) (int, string) {
		if f := special[call]; f != nil {
			return f(about)
		}
		return 200, "<" + call + "Response><" + call + "Result></" + call + "Result></" + call + "Response>"
	}
}

// TestOneCallRefused: one call's error is a gap of its type only.
func TestOneCallRefused(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: ec2Answers(map[string]func(string) (int, string){
		"DescribeVolumes": func(string) (int, string) { return 403, ec2Refusal("UnauthorizedOperation") },
	})}
	r, summary := collect(t, fake.start(t), "aws.ec2")
	if len(summary.Gaps) != 1 || summary.Gaps[0].What != "ec2:volume" || summary.Gaps[0].Reason != producers.GapDenied {
		t.Errorf("gaps %+v", summary.Gaps)
	}
	for typ := range r.completed() {
		if typ == "ec2:volume" {
			t.Error("what was refused counts as read to its end")
		}
	}
	if want := len(collector(t, sessions{}, "aws.ec2").Types()) - 1; len(r.completed()) != want {
		t.Errorf("%d types complete, want %d", len(r.completed()), want)
	}
}

const vpcsXML = `<DescribeVpcsResponse><vpcSet>
<item><vpcId>vpc-11111111</vpcId><ownerId>123456789012</ownerId><state>available</state></item>
<item><vpcId>vpc-22222222</vpcId><ownerId>999999999999</ownerId><state>available</state></item>
</vpcSet></DescribeVpcsResponse>`

// TestSharedResources: another account's resource gives no event, but may be an ancestor.
func TestSharedResources(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: ec2Answers(map[string]func(string) (int, string){
		"DescribeVpcs": func(string) (int, string) { return 200, vpcsXML },
	})}
	r, summary := collect(t, fake.start(t), "aws.ec2")
	var arns []string
	for arn := range r.resources() {
		arns = append(arns, arn)
	}
	if diff := cmp.Diff([]string{"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-11111111"}, arns); diff != "" || len(summary.Gaps) > 0 {
		t.Errorf("gaps %+v, ARNs %s", summary.Gaps, diff)
	}
	if _, ok := r.completed()["ec2:vpc"]; !ok {
		t.Error("a shared VPC made the type incomplete")
	}
}

// TestInheritance: an instance inherits its owner from its Auto Scaling group before its VPC, and
// its volume from the instance.
func TestInheritance(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: ec2Answers(map[string]func(string) (int, string){
		"DescribeVpcs": func(string) (int, string) {
			return 200, `<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-11111111</vpcId><tagSet><item><key>customer</key><value>of-vpc</value></item><item><key>index</key><value>of-vpc</value></item></tagSet></item></vpcSet></DescribeVpcsResponse>`
		},
		"DescribeAutoScalingGroups": func(string) (int, string) {
			return 200, `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
				<AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:u:autoScalingGroupName/g</AutoScalingGroupARN>
				<Instances><member><InstanceId>i-11111111</InstanceId></member></Instances>
				<Tags><member><Key>customer</Key><Value>of-group</Value></member></Tags>
				</member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`
		},
		"DescribeInstances": func(string) (int, string) {
			return 200, `<DescribeInstancesResponse><reservationSet><item><ownerId>123456789012</ownerId><instancesSet>
				<item><instanceId>i-11111111</instanceId><vpcId>vpc-11111111</vpcId><tagSet><item><key>marqo:cluster</key><value>own</value></item></tagSet></item>
				</instancesSet></item></reservationSet></DescribeInstancesResponse>`
		},
		"DescribeVolumes": func(string) (int, string) {
			return 200, `<DescribeVolumesResponse><volumeSet><item><volumeId>vol-11111111</volumeId><attachmentSet><item><instanceId>i-11111111</instanceId></item></attachmentSet></item></volumeSet></DescribeVolumesResponse>`
		},
	})}
	r, summary := collect(t, fake.start(t), "aws.ec2")
	if len(summary.Gaps) > 0 {
		t.Fatalf("gaps %+v", summary.Gaps)
	}
	for _, resource := range []string{"instance/i-11111111", "volume/vol-11111111"} {
		e, ok := r.resources()["arn:aws:ec2:eu-west-1:123456789012:"+resource]
		if got, want := [3]string{e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex}, [3]string{"of-group", "own", "of-vpc"}; !ok || got != want {
			t.Errorf("%s is of %v, want %v", resource, got, want)
		}
	}
	for arn := range r.resources() {
		if strings.Contains(arn, "autoscaling") {
			t.Errorf("%s is another collector's", arn)
		}
	}
}

// topics answers SNS's calls in its Query protocol.
func topics(attributes func(arn string) (int, string)) func(call, about string) (int, string) {
	return func(call, about string) (int, string) {
		switch call {
		case "ListTopics":
			return 200, `<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>arn:aws:sns:eu-west-1:123456789012:a</TopicArn></member>` +
				`<member><TopicArn>arn:aws:sns:eu-west-1:123456789012:b</TopicArn></member></Topics></ListTopicsResult></ListTopicsResponse>`
		case "GetTopicAttributes":
			if strings.Contains(about, "123456789012%3Aa") {
				return attributes("arn:aws:sns:eu-west-1:123456789012:a")
			}
			return attributes("")
		case "GetResources":
			return 200, `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:sns:eu-west-1:123456789012:b","Tags":[{"Key":"customer","Value":"acme"}]}]}`
		}
		return 500, ""
	}
}

const attributesXML = `<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>` +
	`<entry><key>TopicArn</key><value>arn:aws:sns:eu-west-1:123456789012:b</value></entry><entry><key>DisplayName</key><value>B</value></entry>` +
	`</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>`

// TestFurtherCalls: a further call that is refused gives a gap and an update; one that says that
// the resource is gone gives no event.
func TestFurtherCalls(t *testing.T) {
	t.Parallel()
	xmlError := func(code string) string {
		return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>refused</Message></Error></ErrorResponse>"
	}
	for _, c := range []struct {
		name     string
		status   int
		body     string
		want     map[string]string
		complete bool
	}{
		{
			"refused", 403, xmlError("AuthorizationError"),
			map[string]string{"a": envelope.TypeResourceUpdated, "b": envelope.TypeSnapshot},
			false,
		},
		{"deleted meanwhile", 404, xmlError("NotFound"), map[string]string{"b": envelope.TypeSnapshot}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeAWS{answer: topics(func(arn string) (int, string) {
				if arn != "" {
					return c.status, c.body
				}
				return 200, attributesXML
			})}
			r, summary := collect(t, fake.start(t), "aws.sns")
			got := map[string]string{}
			for arn, e := range r.resources() {
				got[arn[len(arn)-1:]] = e.EventType
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("gaps %+v: %s", summary.Gaps, diff)
			}
			if _, ok := r.completed()["sns:topic"]; ok != c.complete {
				t.Errorf("complete: %v", ok)
			}
			b := r.resources()["arn:aws:sns:eu-west-1:123456789012:b"]
			if b.MarqoCustomer != "acme" || b.Properties.Get("display_name") != "B" {
				t.Errorf("customer %q, properties %v", b.MarqoCustomer, b.Properties)
			}
		})
	}
}

// TestParentsRefused: if parents cannot be read, the types that inherit from them have a gap, and
// their items become updates, which remove no owner. The parents' own gaps are another
// collector's.
func TestParentsRefused(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: func(call, _ string) (int, string) {
		switch call {
		case "GetResources":
			return 200, `{"ResourceTagMappingList":[]}`
		case "DescribeVpcs":
			return 403, ec2Refusal("UnauthorizedOperation")
		case "DescribeDBInstances":
			return 200, `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>
				<DBInstanceIdentifier>x</DBInstanceIdentifier><DBSubnetGroup><VpcId>vpc-11111111</VpcId></DBSubnetGroup>
				</DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`
		}
		return ec2Answers(nil)(call, "")
	}}
	r, summary := collect(t, fake.start(t), "aws.rds")
	for _, g := range summary.Gaps {
		if g.What != "rds:db" && g.What != "rds:subgrp" || g.Reason != producers.GapDenied {
			t.Errorf("gap %+v", g)
		}
	}
	if e := r.resources()["arn:aws:rds:eu-west-1:123456789012:db:x"]; e.EventType != envelope.TypeResourceUpdated || len(summary.Gaps) != 2 {
		t.Errorf("the instance is a %q; gaps %+v", e.EventType, summary.Gaps)
	}
	if _, ok := r.completed()["rds:cluster"]; !ok || len(r.completed()) != 3 {
		t.Errorf("completed %v", r.completed())
	}
}

// TestDeadline: types that were not read in time are gaps; types read before are complete.
func TestDeadline(t *testing.T) {
	t.Parallel()
	answers := ec2Answers(nil)
	release := make(chan struct{})
	fake := &fakeAWS{answer: func(call, about string) (int, string) {
		if call == "DescribeVolumes" {
			<-release
		}
		return answers(call, about)
	}}
	s := fake.start(t)
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := &recorder{}
	summary, err := producers.Run(ctx, producers.RunConfig{
		Collector: collector(t, s, "aws.ec2"), Accounts: []account.Account{{ID: motoAccount}}, Regions: []string{"eu-west-1"},
		Emitter: r, Identity: producers.DefaultIdentity(), Scheduled: origin().At, Reserve: 17 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range summary.Gaps {
		if g.Reason != producers.GapDeadline {
			t.Errorf("gap %+v", g)
		}
	}
	completed := r.completed()
	_, vpcs := completed["ec2:vpc"]
	_, volumes := completed["ec2:volume"]
	_, images := completed["ec2:image"]
	if !vpcs || volumes || images || len(summary.Gaps) == 0 {
		t.Errorf("completed %v, gaps %d", completed, len(summary.Gaps))
	}
}

// TestHomeRegion: global services are called in their partition's home region, and their ARNs
// have that partition.
func TestHomeRegion(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"": "us-east-1", "arn:aws:organizations::1:account/o-1/1": "us-east-1", "arn:aws-cn:organizations::1:account/o-1/1": "cn-northwest-1",
		"arn:aws-us-gov:organizations::1:account/o-1/1": "us-gov-west-1",
	} {
		asked := &asking{}
		if _, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: collector(t, asked, "aws.iam"), Accounts: []account.Account{{ID: motoAccount, ARN: arn}}, Emitter: &recorder{}, Scheduled: origin().At,
		}); err != nil {
			t.Fatal(err)
		}
		if asked.region != want {
			t.Errorf("%q is asked in %q, want %q", arn, asked.region, want)
		}
	}
}

// asking is a Sessions that fails and records the region.
type asking struct{ region string }

func (a *asking) Config(_ context.Context, _, region string) (aws.Config, error) {
	a.region = region
	return aws.Config{}, errors.New("no role")
}

// TestWithinRefused: if parent resources are not all known, the resources within them are not
// complete.
func TestWithinRefused(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: func(string, string) (int, string) { return 400, refusal("AccessDeniedException") }}
	r, summary := collect(t, fake.start(t), "aws.ecs")
	if len(r.completed()) > 0 || len(summary.Gaps) != len(collector(t, sessions{}, "aws.ecs").Types()) {
		t.Errorf("completed %v, gaps %+v", r.completed(), summary.Gaps)
	}
}

// TestTagsRefused: if a type's tags cannot be read, its items are updates, which remove no tag.
func TestTagsRefused(t *testing.T) {
	t.Parallel()
	answer := topics(func(string) (int, string) { return 200, attributesXML })
	fake := &fakeAWS{answer: func(call, about string) (int, string) {
		if call == "GetResources" {
			return 400, refusal("AccessDeniedException")
		}
		return answer(call, about)
	}}
	r, summary := collect(t, fake.start(t), "aws.sns")
	for arn, e := range r.resources() {
		if e.EventType != envelope.TypeResourceUpdated {
			t.Errorf("%s is a %s", arn, e.EventType)
		}
	}
	if _, ok := r.completed()["sns:topic"]; ok || len(summary.Gaps) != 1 || summary.Gaps[0].Reason != producers.GapDenied {
		t.Errorf("complete %v, gaps %+v", ok, summary.Gaps)
	}
}

// TestRepeatedRun: a repeated run gives the same events with the same ids.
func TestRepeatedRun(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: secrets(2, 0, "")}
	s := fake.start(t)
	first, _ := collect(t, s, "aws.secretsmanager")
	second, _ := collect(t, s, "aws.secretsmanager")
	ids := func(r *recorder) map[string]string {
		out := map[string]string{}
		for arn, e := range r.resources() {
			out[arn] = e.EventID.String()
		}
		return out
	}
	if diff := cmp.Diff(ids(first), ids(second)); diff != "" || len(ids(first)) != 2 {
		t.Error(diff)
	}
	if n := fake.Count("ListSecrets"); n != 4 {
		t.Errorf("%d requests", n)
	}
}

// TestSweep: the sweep leaves out what entries read, and completes no resource type.
func TestSweep(t *testing.T) {
	t.Parallel()
	fake := &fakeAWS{answer: func(string, string) (int, string) {
		return 200, `{"ResourceTagMappingList":[
			{"ResourceARN":"arn:aws:ec2:eu-west-1:123456789012:instance/i-11111111","Tags":[{"Key":"a","Value":"b"}]},
			{"ResourceARN":"arn:aws:states:eu-west-1:123456789012:stateMachine:flow","Tags":[{"Key":"customer","Value":"acme"}]}]}`
	}}
	r, _ := collect(t, fake.start(t), "aws.tagging")
	e, ok := r.resources()["arn:aws:states:eu-west-1:123456789012:stateMachine:flow"]
	if !ok || e.MarqoCustomer != "acme" || e.ResourceType != "states:stateMachine" || len(r.resources()) != 1 {
		t.Errorf("events %+v", r.resources())
	}
	if diff := cmp.Diff(map[string]string{"tagging:resource": "eu-west-1"}, r.completed()); diff != "" {
		t.Error(diff)
	}
}

// TestScopes: a regional service has a scope per account and region, a global one per account.
func TestScopes(t *testing.T) {
	t.Parallel()
	accounts := []account.Account{{ID: "111111111111"}, {ID: "222222222222"}}
	regions := []string{"eu-west-1", "us-east-1", "us-west-2"}
	for source, want := range map[string]int{"aws.ec2": 6, "aws.iam": 2, "aws.s3": 2, "aws.route53": 2, "aws.cloudfront": 2, "aws.tagging": 6} {
		if got := len(collector(t, sessions{}, source).Scopes(accounts, regions)); got != want {
			t.Errorf("%s: %d scopes, want %d", source, got, want)
		}
	}
}
