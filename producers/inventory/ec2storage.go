package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func ec2Storage() []Entry {
	return []Entry{
		{
			Type: "ec2:volume",
			List: pages("DescribeVolumes", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeVolumesPaginator {
				return ec2.NewDescribeVolumesPaginator(c, &ec2.DescribeVolumesInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items: "Volumes",
			ARN:   "ec2:volume{VolumeId}",
			State: "State",
			Gone:  "deleted",
			Relations: `
				attached_to  ec2:instance{Attachments.InstanceId}
				created_from ec2:snapshot{SnapshotId}
				encrypted_by kms:key{KmsKeyId}`,
			Properties: "VolumeType Size Iops Throughput Encrypted CreateTime AvailabilityZone Attachments MultiAttachEnabled SnapshotId",
			Inherits:   "ec2:instance{Attachments.InstanceId}",
			Parent:     true,
		},
		{
			Type: "ec2:snapshot",
			List: pages("DescribeSnapshots", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeSnapshotsPaginator {
				return ec2.NewDescribeSnapshotsPaginator(c, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, MaxResults: aws.Int32(ec2Page)})
			}),
			Items:   "Snapshots",
			ARN:     "ec2:snapshot{SnapshotId}",
			Account: "OwnerId",
			State:   "State",
			Relations: `
				created_from ec2:volume{VolumeId}
				encrypted_by kms:key{KmsKeyId}`,
			Properties: "VolumeId VolumeSize StartTime CompletionTime Progress Description Encrypted StorageTier StateMessage",
			Inherits:   "ec2:volume{VolumeId}",
		},
		{
			Type: "ec2:image",
			List: pages("DescribeImages", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeImagesPaginator {
				return ec2.NewDescribeImagesPaginator(c, &ec2.DescribeImagesInput{Owners: []string{"self"}, MaxResults: aws.Int32(ec2Page)})
			}),
			Items: "Images",
			Details: []Detail{{
				Call: ask("DescribeImageAttribute", ec2Rate(), ec2.NewFromConfig, (*ec2.Client).DescribeImageAttribute, func(about item) *ec2.DescribeImageAttributeInput {
					return &ec2.DescribeImageAttributeInput{ImageId: about.get("ImageId"), Attribute: types.ImageAttributeNameLaunchPermission}
				}),
				Absent: "InvalidAMIID.NotFound InvalidAMIID.Unavailable",
			}},
			ARN:     "ec2:image{ImageId}",
			Account: "OwnerId",
			Name:    "Name",
			State:   "State",
			Gone:    "deregistered",
			Relations: `
				created_from ec2:snapshot{BlockDeviceMappings.Ebs.SnapshotId}
				created_from ec2:instance{SourceInstanceId}`,
			Properties: `Name Description CreationDate LastLaunchedTime DeprecationTime Architecture PlatformDetails Public ImageLocation ImageType
				ImageOwnerAlias RootDeviceName RootDeviceType VirtualizationType EnaSupport BlockDeviceMappings
				LaunchPermissions`,
		},
	}
}
