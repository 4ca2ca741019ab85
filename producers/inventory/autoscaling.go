package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

// Auto Scaling publishes no limits; all its calls share one bucket. This is low, to leave room
// for others.
const (
	autoscalingPerSecond = 5
	autoscalingBurst     = 20
	autoscalingPage      = 100
)

func autoscalingRate() rates { return perService(autoscalingPerSecond, autoscalingBurst) }

// autoscalingGroups returns the entry of Auto Scaling groups. EC2's collector has it as a hidden
// entry, for instances to inherit from.
func autoscalingGroups() Entry {
	return Entry{
		Type: "autoscaling:autoScalingGroup",
		List: pages("DescribeAutoScalingGroups", autoscalingRate(), autoscaling.NewFromConfig, func(c *autoscaling.Client) *autoscaling.DescribeAutoScalingGroupsPaginator {
			return autoscaling.NewDescribeAutoScalingGroupsPaginator(c, &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: aws.Int32(autoscalingPage)})
		}),
		Items: "AutoScalingGroups",
		ARN:   "{AutoScalingGroupARN}",
		Name:  "AutoScalingGroupName",
		State: "Status",
		Relations: `
			attached_to   ec2:instance{Instances.InstanceId}
			attached_to   {TargetGroupARNs}
			attached_to   elasticloadbalancing:loadbalancer{LoadBalancerNames}
			member_of     ec2:subnet{VPCZoneIdentifier:list}
			launched_from ec2:launch-template{LaunchTemplate.LaunchTemplateId|MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId}
			uses_role     {ServiceLinkedRoleARN}`,
		Inherits: "ec2:subnet{VPCZoneIdentifier:list}",
		Properties: `CreatedTime MinSize MaxSize DesiredCapacity AvailabilityZones HealthCheckType HealthCheckGracePeriod LaunchConfigurationName
			LaunchTemplate MixedInstancesPolicy SuspendedProcesses TerminationPolicies NewInstancesProtectedFromScaleIn Instances`,
		Parent: true,
		// A group's tags reach its instances only if they are marked so.
		InheritedBy: "ec2:instance{Instances.InstanceId}",
	}
}

func autoscalingService() Service {
	return Service{Name: "autoscaling", Entries: []Entry{
		hidden(vpcs()), hidden(subnets()), autoscalingGroups(),
		{
			Type: "autoscaling:launchConfiguration",
			List: pages("DescribeLaunchConfigurations", autoscalingRate(), autoscaling.NewFromConfig, func(c *autoscaling.Client) *autoscaling.DescribeLaunchConfigurationsPaginator {
				return autoscaling.NewDescribeLaunchConfigurationsPaginator(c, &autoscaling.DescribeLaunchConfigurationsInput{MaxRecords: aws.Int32(autoscalingPage)})
			}),
			Items: "LaunchConfigurations",
			ARN:   "{LaunchConfigurationARN}",
			Name:  "LaunchConfigurationName",
			// The user data may hold secrets, so it is not read.
			Relations: `
				launched_from ec2:image{ImageId}
				member_of     ec2:security-group{SecurityGroups}
				uses_role     iam:instance-profile{IamInstanceProfile}`,
			Properties: "CreatedTime ImageId InstanceType KeyName SpotPrice EbsOptimized BlockDeviceMappings AssociatePublicIpAddress MetadataOptions",
		},
	}}
}
