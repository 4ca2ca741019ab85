package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func ec2Interfaces() []Entry {
	return []Entry{
		{
			Type: "ec2:network-interface",
			List: pages("DescribeNetworkInterfaces", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeNetworkInterfacesPaginator {
				return ec2.NewDescribeNetworkInterfacesPaginator(c, &ec2.DescribeNetworkInterfacesInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:     "NetworkInterfaces",
			ARN:       "ec2:network-interface{NetworkInterfaceId}",
			Account:   "OwnerId",
			State:     "Status",
			Ancestors: "ec2:subnet{SubnetId} ec2:vpc{VpcId}",
			Relations: `
				attached_to ec2:instance{Attachment.InstanceId}
				attached_to ec2:elastic-ip{Association.AllocationId}
				member_of   ec2:security-group{Groups.GroupId}`,
			Properties: `InterfaceType Description RequesterId RequesterManaged PrivateIpAddress PrivateIpAddresses Association.PublicIp MacAddress
				AvailabilityZone Attachment.InstanceId Attachment.InstanceOwnerId Attachment.Status=attachment_status SubnetId VpcId`,
			Inherits: "ec2:instance{Attachment.InstanceId} ec2:subnet{SubnetId} ec2:vpc{VpcId}",
			Parent:   true,
			Tags:     "TagSet|Tags",
		},
		{
			Type: "ec2:elastic-ip",
			List: ask("DescribeAddresses", ec2Rate(), ec2.NewFromConfig, (*ec2.Client).DescribeAddresses, func(item) *ec2.DescribeAddressesInput {
				return &ec2.DescribeAddressesInput{}
			}),
			Items: "Addresses",
			// An address of EC2-Classic has no allocation.
			ARN:  "ec2:elastic-ip{AllocationId} ec2:elastic-ip{PublicIp}",
			Name: "PublicIp",
			Relations: `
				attached_to ec2:instance{InstanceId}
				attached_to ec2:network-interface{NetworkInterfaceId}`,
			Properties: "PublicIp PrivateIpAddress Domain AssociationId NetworkBorderGroup PublicIpv4Pool ServiceManaged",
			Inherits:   "ec2:instance{InstanceId} ec2:network-interface{NetworkInterfaceId}",
		},
		{
			Type: "ec2:key-pair",
			List: ask("DescribeKeyPairs", ec2Rate(), ec2.NewFromConfig, (*ec2.Client).DescribeKeyPairs, func(item) *ec2.DescribeKeyPairsInput {
				return &ec2.DescribeKeyPairsInput{}
			}),
			Items:      "KeyPairs",
			ARN:        "ec2:key-pair{KeyName}",
			Properties: "KeyPairId KeyType KeyFingerprint CreateTime",
		},
		{
			Type: "ec2:launch-template",
			List: pages("DescribeLaunchTemplates", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeLaunchTemplatesPaginator {
				return ec2.NewDescribeLaunchTemplatesPaginator(c, &ec2.DescribeLaunchTemplatesInput{MaxResults: aws.Int32(200)})
			}),
			Items: "LaunchTemplates",
			Details: []Detail{{
				// Only with a template's id the answer may have versions by name, as the default one.
				Call: ask("DescribeLaunchTemplateVersions", ec2Rate(), ec2.NewFromConfig, (*ec2.Client).DescribeLaunchTemplateVersions, func(about item) *ec2.DescribeLaunchTemplateVersionsInput {
					return &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: about.get("LaunchTemplateId"), Versions: []string{"$Default"}}
				}),
				At: "LaunchTemplateVersions", Absent: "InvalidLaunchTemplateId.NotFound",
			}},
			ARN:  "ec2:launch-template{LaunchTemplateId}",
			Name: "LaunchTemplateName",
			// The user data may hold secrets, so it is not read.
			Relations: `
				launched_from ec2:image{LaunchTemplateData.ImageId}
				launched_from ec2:key-pair{LaunchTemplateData.KeyName}
				member_of     ec2:security-group{LaunchTemplateData.SecurityGroupIds}
				member_of     ec2:security-group{LaunchTemplateData.NetworkInterfaces.Groups}
				created_from  ec2:snapshot{LaunchTemplateData.BlockDeviceMappings.Ebs.SnapshotId}
				uses_role     {LaunchTemplateData.IamInstanceProfile.Arn}`,
			Properties: `LaunchTemplateName CreateTime CreatedBy DefaultVersionNumber LatestVersionNumber VersionNumber LaunchTemplateData.ImageId LaunchTemplateData.InstanceType
				LaunchTemplateData.MetadataOptions LaunchTemplateData.BlockDeviceMappings LaunchTemplateData.NetworkInterfaces LaunchTemplateData.IamInstanceProfile.Name=instance_profile`,
		},
	}
}
