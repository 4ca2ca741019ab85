package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// Limits of EC2's API, from "Request throttling" in the EC2 developer guide: paginated reads have
// a bucket of 100 requests each, refilled by 20 a second, per account and region.
const (
	ec2PerSecond = 20
	ec2Burst     = 100
)

// ec2Page is the largest page size that the calls allow.
const ec2Page = 1000

func ec2Rate() rates { return perCall(ec2PerSecond, ec2Burst) }

func ec2Service() Service {
	s := Service{Name: "ec2"}
	// Parents come before the types that inherit from them.
	s.Entries = append(s.Entries, ec2Networks()...)
	s.Entries = append(s.Entries, ec2Instances()...)
	s.Entries = append(s.Entries, ec2Storage()...)
	s.Entries = append(s.Entries, ec2Interfaces()...)
	s.Entries = append(s.Entries, ec2Gateways()...)
	return s
}

func ec2Instances() []Entry {
	return []Entry{
		// A group's tags reach its instances only if they are marked so.
		hidden(autoscalingGroups()),
		{
			Type: "ec2:instance",
			List: pages("DescribeInstances", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeInstancesPaginator {
				return ec2.NewDescribeInstancesPaginator(c, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:   "Reservations.Instances",
			ARN:     "ec2:instance{InstanceId}",
			Account: "^OwnerId|NetworkInterfaces.OwnerId",
			State:   "State.Name",
			// Listed for about an hour after its end, without its VPC. A snapshot would keep it
			// among the current resources for as long.
			Gone:      "terminated",
			Ancestors: `ec2:subnet{SubnetId} ec2:vpc{VpcId}`,
			Relations: `
				member_of     ec2:security-group{SecurityGroups.GroupId}
				attached_to   ec2:volume{BlockDeviceMappings.Ebs.VolumeId}
				attached_to   ec2:network-interface{NetworkInterfaces.NetworkInterfaceId}
				uses_role     {IamInstanceProfile.Arn}
				launched_from ec2:image{ImageId}
				launched_from ec2:key-pair{KeyName}
				member_of     ec2:capacity-reservation{CapacityReservationId}`,
			Properties: `InstanceType LaunchTime ImageId Placement.AvailabilityZone Placement.Tenancy Placement.GroupName
				PrivateIpAddress PublicIpAddress PrivateDnsName PublicDnsName Ipv6Address Platform PlatformDetails Architecture
				InstanceLifecycle SpotInstanceRequestId EbsOptimized EnaSupport Hypervisor RootDeviceName RootDeviceType VirtualizationType
				KeyName SubnetId VpcId ^ReservationId ^RequesterId Monitoring.State=monitoring StateReason.Code=state_reason StateTransitionReason
				UsageOperation CpuOptions BlockDeviceMappings MetadataOptions CapacityReservationSpecification SourceDestCheck
				IamInstanceProfile.Arn=iam_instance_profile`,
			Parent: true,
		},
	}
}
