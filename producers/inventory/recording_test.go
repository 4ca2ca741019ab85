package inventory_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/inventory"
	"polo/producers/inventory/document"
)

func TestCallOfFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, service, call string
		ok                  bool
	}{
		{"test_x/ec2.DescribeInstances_1.json", "ec2", "DescribeInstances", true},
		{"monitoring.GetMetricData_12.json", "monitoring", "GetMetricData", true},
		{"/a/b.c/api.ecr.DescribeRepositories_2.json", "api.ecr", "DescribeRepositories", true},
		{"elasticloadbalancing.DescribeLoadBalancers.json", "elasticloadbalancing", "DescribeLoadBalancers", true},
		{"ec2.describe-instances_1.json", "ec2", "DescribeInstances", true},
		{"rds.describe-db-instances_1.json", "rds", "DescribeDbInstances", true},
		{`C:\data\ec2.describe-vpcs_3.json`, "ec2", "DescribeVpcs", true},
		{"ec2.json", "", "", false},
		{".json", "", "", false},
		{"ec2.DescribeInstances_1.txt", "", "", false},
	} {
		service, call, ok := inventory.CallOfFile(c.file)
		if service != c.service || call != c.call || ok != c.ok {
			t.Errorf("%s: %q, %q, %v", c.file, service, call, ok)
		}
	}
}

// TestReasons: an answer or item without an event has a reason.
func TestReasons(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, service, call, text string
		reason                    inventory.Reason
		code                      string
		syntax                    bool
	}{
		{"not JSON", "ec2", "DescribeInstances", "<html>", inventory.ReasonMalformed, "", true},
		{"a list", "ec2", "DescribeInstances", "[]", inventory.ReasonMalformed, "", false},
		{"another call", "ec2", "DescribeInstanceTypes", `{"InstanceTypes":[]}`, inventory.ReasonNotCovered, "", false},
		{"another service", "quicksight", "ListUsers", `{}`, inventory.ReasonNotCovered, "", false},
		{"an empty page", "ec2", "DescribeInstances", `{"status_code":200,"data":{"Reservations":[]}}`, inventory.ReasonEmpty, "", false},
		{"null for a list", "ec2", "DescribeInstances", `{"Reservations":null}`, inventory.ReasonEmpty, "", false},
		{"a number for a list", "ec2", "DescribeInstances", `{"Reservations":7}`, inventory.ReasonMalformed, "", false},
		{"no list", "ec2", "DescribeInstances", `{"status_code":200,"data":{"ResponseMetadata":{}}}`, inventory.ReasonNoList, "", false},
		{"denied", "ec2", "DescribeInstances", `{"status_code":403,"data":{"Error":{"Code":"UnauthorizedOperation","Message":"m"}}}`, inventory.ReasonErrorAnswer, "UnauthorizedOperation", false},
		{"throttled", "ec2", "DescribeInstances", `{"status_code":429,"data":{"Reservations":[]}}`, inventory.ReasonErrorAnswer, "", false},
		{"an error with a good status", "kms", "DescribeKey", `{"Error":{"Code":"NotFoundException"}}`, inventory.ReasonErrorAnswer, "NotFoundException", false},
		{"a JSON protocol's error", "kms", "DescribeKey", `{"status_code":400,"data":{"__type":"com.amazonaws#NotFoundException"}}`, inventory.ReasonErrorAnswer, "NotFoundException", false},
		{"a detail", "s3", "GetBucketTagging", `{"TagSet":[]}`, inventory.ReasonDetail, "", false},
		{"an item without id", "ec2", "DescribeVolumes", `{"Volumes":[{"Size":1}]}`, inventory.ReasonNoARN, "", false},
		{"an id that is an object", "ec2", "DescribeVolumes", `{"Volumes":[{"VolumeId":{}}]}`, inventory.ReasonNoARN, "", false},
		{"an id with a line break", "ec2", "DescribeVolumes", `{"Volumes":[{"VolumeId":"a\nb"}]}`, inventory.ReasonNoARN, "", false},
		{"an ARN of another type", "kms", "ListAliases", `{"Aliases":[{"AliasArn":"arn:aws:kms:us-east-1:000011112222:key/x"}]}`, inventory.ReasonOtherType, "", false},
		{"a type with an entry", "tagging", "GetResources", `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::b"}]}`, inventory.ReasonCovered, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events, o, err := inventory.NormaliseRecording(c.service, c.call, []byte(c.text), origin())
			if len(events) > 0 || o.Reason != c.reason || o.Code != c.code || errors.Is(err, document.ErrSyntax) != c.syntax {
				t.Errorf("%d events, outcome %+v, error %v", len(events), o, err)
			}
		})
	}
}

func TestNoAccount(t *testing.T) {
	t.Parallel()
	text := `{"Volumes":[{"VolumeId":"vol-11111111","AvailabilityZone":"eu-west-1b"}]}`
	if _, o, err := inventory.NormaliseRecording("ec2", "DescribeVolumes", []byte(text), inventory.Origin{At: origin().At}); err != nil || o.Reason != inventory.ReasonNoPlace {
		t.Errorf("outcome %+v, error %v", o, err)
	}
	owned := `{"OwnerId":"644160558196","Volumes":[{"VolumeId":"vol-11111111","AvailabilityZone":"eu-west-1b"}]}`
	if events, _, err := inventory.NormaliseRecording("ec2", "DescribeVolumes", []byte(owned), origin()); err != nil || len(events) != 1 || events[0].AccountID != "644160558196" {
		t.Errorf("events %+v, error %v", events, err)
	}
	from := inventory.Origin{At: origin().At, Account: "000011112222"}
	events, _, err := inventory.NormaliseRecording("ec2", "DescribeVolumes", []byte(text), from)
	if err != nil || len(events) != 1 || events[0].ARN != "arn:aws:ec2:eu-west-1:000011112222:volume/vol-11111111" {
		t.Errorf("events %+v, error %v", events, err)
	}
}

const instances = `{"Reservations":[
	{"OwnerId":"644160558196","ReservationId":"r-1","Instances":[
		{"InstanceId":"i-11111111","State":{"Code":16,"Name":"running"},"SubnetId":"subnet-11111111","VpcId":"vpc-11111111","ImageId":"ami-11111111","InstanceType":"t3.micro",
		 "IamInstanceProfile":{"Arn":"arn:aws:iam::644160558196:instance-profile/app"},"SecurityGroups":[{"GroupId":"sg-11111111"},{"GroupId":"sg-11111111"}],
		 "BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"VolumeId":"vol-11111111"}}],"Tags":[{"Key":"Name","Value":"web"},{"Key":"customer","Value":"acme"}]}]},
	{"OwnerId":"644160558196","Instances":[
		{"InstanceId":"i-22222222","State":{"Code":48,"Name":"terminated"},"Tags":null},
		{"InstanceId":"i-33333333","State":{"Name":"terminated"},"VpcId":"vpc-11111111","SubnetId":""}]},
	{"Instances":null},null,{"OwnerId":"644160558196","Instances":[{"State":null}]}]}`

// TestInstances: one answer with all the difficult cases of EC2.
func TestInstances(t *testing.T) {
	t.Parallel()
	events, o, err := inventory.NormaliseRecording("ec2", "describe-instances", []byte(instances), origin())
	if err != nil || len(events) != 3 || o.Items != 4 || o.Left[inventory.ReasonNoARN] != 1 {
		t.Fatalf("%d events, outcome %+v, error %v", len(events), o, err)
	}
	const prefix = "arn:aws:ec2:us-east-1:644160558196:"
	e := events[0]
	got := envelope.ResourceEvent{
		EventType: e.EventType, Source: e.Source, ARN: e.ARN, AccountID: e.AccountID, Region: e.Region, Service: e.Service, ResourceType: e.ResourceType,
		ResourceID: e.ResourceID, ResourceName: e.ResourceName, MarqoCustomer: e.MarqoCustomer, State: e.State, Ancestors: e.Ancestors, Relations: e.Relations,
	}
	want := envelope.ResourceEvent{
		EventType: envelope.TypeSnapshot, Source: "aws.ec2", ARN: prefix + "instance/i-11111111", AccountID: "644160558196", Region: "us-east-1", Service: "ec2",
		ResourceType: "ec2:instance", ResourceID: "i-11111111", ResourceName: "web", MarqoCustomer: "acme", State: "running",
		Ancestors: []string{prefix + "subnet/subnet-11111111", prefix + "vpc/vpc-11111111", "arn:aws:account::644160558196:region/us-east-1", "arn:aws:iam::644160558196:root"},
		Relations: []envelope.Relation{
			{Type: "member_of", TargetARN: prefix + "security-group/sg-11111111"},
			{Type: "attached_to", TargetARN: prefix + "volume/vol-11111111"},
			{Type: "launched_from", TargetARN: "arn:aws:ec2:us-east-1::image/ami-11111111"},
			{Type: "uses_role", TargetARN: "arn:aws:iam::644160558196:instance-profile/app"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if e.EventID != envelope.NewEventID("aws.ec2", e.TS, "snapshot", e.ARN) {
		t.Error("the event's id is not made of its ARN")
	}
	if p := e.Properties; p.Get("instance_type") != "t3.micro" || p.Get("reservation_id") != "r-1" || p.Get("block_device_mappings") != `[{"DeviceName":"/dev/xvda","Ebs":{"VolumeId":"vol-11111111"}}]` {
		t.Errorf("properties %v", p)
	}
	for i, ancestors := range [][]string{{"arn:aws:account::644160558196:region/us-east-1", "arn:aws:iam::644160558196:root"}, {prefix + "vpc/vpc-11111111", "arn:aws:account::644160558196:region/us-east-1", "arn:aws:iam::644160558196:root"}} {
		if d := events[i+1]; d.EventType != envelope.TypeResourceDeleted || d.State != "terminated" || !cmp.Equal(d.Ancestors, ancestors) {
			t.Errorf("the terminated instance: %s %q %v", d.EventType, d.State, d.Ancestors)
		}
	}
}

// TestLoadBalancersByContent: both versions of the API use the same name for their list.
func TestLoadBalancersByContent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"LoadBalancerDescriptions":[{"LoadBalancerName":"old","VPCId":"vpc-1"}]}`:                                                                      "arn:aws:elasticloadbalancing:us-east-1:000011112222:loadbalancer/old",
		`{"LoadBalancers":[{"LoadBalancerArn":"arn:aws:elasticloadbalancing:us-east-1:000011112222:loadbalancer/app/new/1","State":{"Code":"active"}}]}`: "arn:aws:elasticloadbalancing:us-east-1:000011112222:loadbalancer/app/new/1",
	} {
		events, o, err := inventory.NormaliseRecording("elasticloadbalancing", "DescribeLoadBalancers", []byte(text), origin())
		if err != nil || len(events) != 1 || events[0].ARN != want || o.Items != 1 {
			t.Errorf("events %+v, outcome %+v, error %v", events, o, err)
		}
	}
}

// TestTags reads tags in every form.
func TestTags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tags string
		want envelope.Pairs
	}{
		{`[{"Key":"a","Value":"1"},{"key":"b","value":"2"}]`, envelope.Pairs{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}},
		{`[{"TagKey":"a","TagValue":"1"}]`, envelope.Pairs{{Key: "a", Value: "1"}}},
		{`{"a":"1","key":"2"}`, envelope.Pairs{{Key: "a", Value: "1"}, {Key: "key", Value: "2"}}},
		{`[{"Key":"a"}]`, envelope.Pairs{{Key: "a", Value: ""}}},
		{`[{"Key":"at","Value":"2023-04-19T10:49:30+02:00"}]`, envelope.Pairs{{Key: "at", Value: "2023-04-19T10:49:30+02:00"}}},
		{`[{"Key":"a","Value":"1"},{"Key":"a","Value":"2"}]`, envelope.Pairs{{Key: "a", Value: "2"}}},
		{`null`, nil},
		{`[]`, nil},
		{`"odd"`, nil},
		{`[null,1,"x"]`, nil},
	} {
		text := `{"Vpcs":[{"VpcId":"vpc-11111111","Tags":` + c.tags + `}]}`
		events, _, err := inventory.NormaliseRecording("ec2", "DescribeVpcs", []byte(text), origin())
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v", c.tags, err)
		}
		if diff := cmp.Diff(c.want, events[0].Tags); diff != "" {
			t.Errorf("%s: %s", c.tags, diff)
		}
	}
}

// TestNoSecrets: secrets reach no event.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ service, call, text string }{
		{"lambda", "GetFunction", `{"Configuration":{"FunctionName":"f","Environment":{"Variables":{"KEY":"hunter2"}}},"Code":{"Location":"hunter2"}}`},
		{"autoscaling", "DescribeLaunchConfigurations", `{"LaunchConfigurations":[{"LaunchConfigurationARN":"arn:aws:autoscaling:us-east-1:000011112222:launchConfiguration:u:launchConfigurationName/x","UserData":"hunter2"}]}`},
		{"rds", "DescribeDBInstances", `{"DBInstances":[{"DBInstanceIdentifier":"d","PendingModifiedValues":{"MasterUserPassword":"hunter2"}}]}`},
		{"ecs", "DescribeTasks", `{"tasks":[{"taskArn":"arn:aws:ecs:us-east-1:000011112222:task/c/t","overrides":{"containerOverrides":[{"environment":[{"name":"K","value":"hunter2"}]}]}}]}`},
		{"cloudfront", "ListDistributions", `{"DistributionList":{"Items":[{"ARN":"arn:aws:cloudfront::000011112222:distribution/E","Origins":{"Items":[{"DomainName":"d","CustomHeaders":{"Items":[{"HeaderName":"X","HeaderValue":"hunter2"}]}}]}}]}}`},
		{"secretsmanager", "DescribeSecret", `{"ARN":"arn:aws:secretsmanager:us-east-1:000011112222:secret:s-AbCdEf","SecretString":"hunter2"}`},
	} {
		events, o, err := inventory.NormaliseRecording(c.service, c.call, []byte(c.text), origin())
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: outcome %+v, error %v", c.call, o, err)
		}
		if text := string(events[0].AppendJSON(nil)); strings.Contains(text, "hunter2") {
			t.Errorf("%s: %s", c.call, text)
		}
	}
}

// normalise calls Normalise and collects the events.
func normalise(n *inventory.Normaliser, service, call string, data []byte) (events []envelope.ResourceEvent, o inventory.Outcome, err error) {
	o, err = n.Normalise(service, call, data, origin(), func(ev envelope.ResourceEvent) error {
		events = append(events, ev)
		return nil
	})
	return events, o, err
}

// FuzzNormalise: for any answer, each event is valid and nothing panics.
func FuzzNormalise(f *testing.F) {
	n, err := inventory.NewNormaliser()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("ec2", "DescribeInstances", []byte(instances))
	f.Add("elasticloadbalancing", "DescribeLoadBalancers", []byte(`{"LoadBalancerDescriptions":[{"LoadBalancerName":"old"}]}`))
	f.Add("ec2", "DescribeInstances", []byte(`{"status_code":200,"data":{"Reservations":[7,{"Instances":"x"},{"Instances":[[],{}]}]}}`))
	f.Add("sqs", "ListQueues", []byte(`{"QueueUrls":["https://queue.amazonaws.com/1/x","sqs.://a/b/c"]}`))
	f.Add("kms", "ListAliases", []byte(`{"Aliases":[{"AliasName":"alias/x","TargetKeyId":"y"}]}`))
	f.Add("tagging", "GetResources", []byte(`{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:x:y:z:w","Tags":{"a":1}}]}`))
	f.Fuzz(func(t *testing.T, service, call string, data []byte) {
		events, o, err := normalise(n, service, call, data)
		if err == nil && (len(events) == 0) == (o.Reason == "") {
			t.Errorf("%d events, outcome %+v", len(events), o)
		}
		for _, d := range o.Damaged {
			if !json.Valid(d.Text) {
				t.Errorf("%s, and holds %q", d, d.Text)
			}
		}
		for _, e := range events {
			if err := e.Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}
