package inventory_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"polo/envelope"
)

// TestMotoEC2 reads instances and what belongs to them through the SDK.
func TestMotoEC2(t *testing.T) {
	t.Parallel()
	s := moto(t)
	cfg, err := s.Config(t.Context(), motoAccount, "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	c := ec2.NewFromConfig(cfg)
	vpcs, err := c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	if err != nil || len(vpcs.Vpcs) == 0 {
		t.Fatal(err)
	}
	vpc := *vpcs.Vpcs[0].VpcId
	if _, err := c.CreateTags(t.Context(), &ec2.CreateTagsInput{
		Resources: []string{vpc}, Tags: []types.Tag{{Key: aws.String("marqo:customer"), Value: aws.String("acme")}},
	}); err != nil {
		t.Fatal(err)
	}
	ran, err := c.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-12c6146b"), MinCount: aws.Int32(2), MaxCount: aws.Int32(2), InstanceType: types.InstanceTypeT3Micro,
		UserData: aws.String("aHVudGVyMg=="),
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("web")}, {Key: aws.String("marqo:index"), Value: aws.String("books")}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	alive, dead := *ran.Instances[0].InstanceId, *ran.Instances[1].InstanceId
	if _, err := c.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{dead}}); err != nil {
		t.Fatal(err)
	}
	r, summary := collect(t, s, "aws.ec2")
	for _, g := range summary.Gaps {
		t.Errorf("gap: %+v", g)
	}
	if summary.Counts.Pages == 0 {
		t.Error("no page was counted")
	}
	prefix := "arn:aws:ec2:eu-west-1:" + motoAccount + ":"
	all := r.resources()
	e := all[prefix+"instance/"+alive]
	if e.EventType != envelope.TypeSnapshot || e.State != "running" || e.ResourceType != "ec2:instance" || e.ResourceName != "web" {
		t.Errorf("the instance: %s %q %s %q", e.EventType, e.State, e.ResourceType, e.ResourceName)
	}
	if e.MarqoCustomer != "acme" || e.MarqoIndex != "books" {
		t.Errorf("the instance belongs to customer %q, index %q", e.MarqoCustomer, e.MarqoIndex)
	}
	if len(e.Ancestors) != 4 || e.Ancestors[1] != prefix+"vpc/"+vpc || e.Ancestors[2] != "arn:aws:account::"+motoAccount+":region/"+e.Region || e.Ancestors[3] != "arn:aws:iam::"+motoAccount+":root" {
		t.Errorf("ancestors %v", e.Ancestors)
	}
	if d := all[prefix+"instance/"+dead]; d.EventType != envelope.TypeResourceDeleted || d.State != "terminated" {
		t.Errorf("the terminated instance: %s %q", d.EventType, d.State)
	}
	owned := 0
	for _, e := range all {
		if e.ResourceType != "ec2:volume" && e.ResourceType != "ec2:network-interface" {
			continue
		}
		if slices.ContainsFunc(e.Relations, func(r envelope.Relation) bool {
			return r.Type == "attached_to" && r.TargetARN == prefix+"instance/"+alive
		}) {
			owned++
			if e.MarqoIndex != "books" {
				t.Errorf("%s does not inherit the instance's index", e.ARN)
			}
		}
	}
	if owned < 2 {
		t.Errorf("%d volumes and interfaces hang on the instance", owned)
	}
	for _, typ := range collector(t, s, "aws.ec2").Types() {
		if region, ok := r.completed()[typ]; !ok || region != "eu-west-1" {
			t.Errorf("%s was not read to its end in the region, but in %q", typ, region)
		}
	}
}
