package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Limits of Elastic Load Balancing, from "Request throttling for the Elastic Load Balancing API"
// in its user guide: an account's calls share a bucket of 40 requests, refilled by 10 a second.
// In both versions of the API, DescribeTags takes at most 20 resources.
const (
	elbPerSecond = 10
	elbBurst     = 40
	elbPage      = 400
	elbTags      = 20
)

func elbRate() rates { return perService(elbPerSecond, elbBurst) }

// elbService reads both versions of the API, which share a call's name and a resource type: the
// type is complete only if both were read.
func elbService() Service {
	return Service{Name: "elasticloadbalancing", Aliases: []string{"elb", "elbv2", "elasticloadbalancingv2"}, Entries: []Entry{
		hidden(vpcs()), loadBalancers(), classicLoadBalancers(), targetGroups(),
	}}
}

// tagsOfARN returns the call for the tags of a page's load balancers or target groups.
func tagsOfARN(key string) Detail {
	return Detail{
		Call: askMany("DescribeTags", elbRate(), elb.NewFromConfig, (*elb.Client).DescribeTags, func(about []item) *elb.DescribeTagsInput {
			return &elb.DescribeTagsInput{ResourceArns: gather(about, key)}
		}),
		At: "TagDescriptions", Batch: elbTags, Match: "ResourceArn=" + key, Absent: "LoadBalancerNotFound TargetGroupNotFound",
	}
}

func loadBalancers() Entry {
	return Entry{
		Type: "elasticloadbalancing:loadbalancer",
		List: pages("DescribeLoadBalancers", elbRate(), elb.NewFromConfig, func(c *elb.Client) *elb.DescribeLoadBalancersPaginator {
			return elb.NewDescribeLoadBalancersPaginator(c, &elb.DescribeLoadBalancersInput{PageSize: aws.Int32(elbPage)})
		}),
		Items:     "LoadBalancers",
		Details:   []Detail{tagsOfARN("LoadBalancerArn")},
		ARN:       "{LoadBalancerArn}",
		Name:      "LoadBalancerName",
		State:     "State.Code",
		Ancestors: "ec2:vpc{VpcId}",
		Relations: `
			member_of   ec2:subnet{AvailabilityZones.SubnetId}
			member_of   ec2:security-group{SecurityGroups}
			attached_to ec2:elastic-ip{AvailabilityZones.LoadBalancerAddresses.AllocationId}`,
		Properties: "Type Scheme DNSName CanonicalHostedZoneId CreatedTime IpAddressType AvailabilityZones.ZoneName=availability_zones State.Reason=state_reason VpcId",
		Parent:     true,
	}
}

func classicLoadBalancers() Entry {
	return Entry{
		Type: "elasticloadbalancing:loadbalancer",
		List: pages("DescribeLoadBalancers", elbRate(), classic.NewFromConfig, func(c *classic.Client) *classic.DescribeLoadBalancersPaginator {
			return classic.NewDescribeLoadBalancersPaginator(c, &classic.DescribeLoadBalancersInput{PageSize: aws.Int32(elbPage)})
		}),
		Items: "LoadBalancerDescriptions",
		Details: []Detail{{
			Call: askMany("DescribeTags", elbRate(), classic.NewFromConfig, (*classic.Client).DescribeTags, func(about []item) *classic.DescribeTagsInput {
				return &classic.DescribeTagsInput{LoadBalancerNames: gather(about, "LoadBalancerName")}
			}),
			At: "TagDescriptions", Batch: elbTags, Match: "LoadBalancerName", Absent: "LoadBalancerNotFound",
		}},
		ARN:       "elasticloadbalancing:loadbalancer{LoadBalancerName}",
		Ancestors: "ec2:vpc{VPCId}",
		Relations: `
			attached_to ec2:instance{Instances.InstanceId}
			member_of   ec2:subnet{Subnets}
			member_of   ec2:security-group{SecurityGroups}`,
		Properties: "Scheme DNSName CanonicalHostedZoneNameID CreatedTime AvailabilityZones ListenerDescriptions HealthCheck VPCId=vpc_id",
		Parent:     true,
	}
}

func targetGroups() Entry {
	return Entry{
		Type: "elasticloadbalancing:targetgroup",
		List: pages("DescribeTargetGroups", elbRate(), elb.NewFromConfig, func(c *elb.Client) *elb.DescribeTargetGroupsPaginator {
			return elb.NewDescribeTargetGroupsPaginator(c, &elb.DescribeTargetGroupsInput{PageSize: aws.Int32(elbPage)})
		}),
		Items: "TargetGroups",
		Details: []Detail{
			tagsOfARN("TargetGroupArn"),
			{
				Call: ask("DescribeTargetHealth", elbRate(), elb.NewFromConfig, (*elb.Client).DescribeTargetHealth, func(about item) *elb.DescribeTargetHealthInput {
					return &elb.DescribeTargetHealthInput{TargetGroupArn: about.get("TargetGroupArn")}
				}),
				Else: "TargetHealthDescriptions=none", Absent: "TargetGroupNotFound",
			},
		},
		ARN:       "{TargetGroupArn}",
		Name:      "TargetGroupName",
		Ancestors: "ec2:vpc{VpcId}",
		// A target is an instance, a function, a load balancer or an address.
		Relations: `
			member_of   {LoadBalancerArns}
			attached_to ec2:instance{TargetHealthDescriptions.Target.Id:instance}`,
		Properties: "Protocol ProtocolVersion Port TargetType IpAddressType HealthCheckProtocol HealthCheckPath HealthCheckPort HealthCheckIntervalSeconds TargetHealthDescriptions=targets VpcId",
		Inherits:   "{LoadBalancerArns} ec2:vpc{VpcId}",
	}
}
