package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
)

// EFS publishes no limits; this is low, to leave room for others.
const (
	efsPerSecond = 5
	efsPage      = 100
)

func efsRate() rates { return perCall(efsPerSecond, efsPerSecond) }

func efsService() Service {
	return Service{Name: "elasticfilesystem", Aliases: []string{"efs"}, Entries: []Entry{
		{
			Type: "elasticfilesystem:file-system",
			List: pages("DescribeFileSystems", efsRate(), efs.NewFromConfig, func(c *efs.Client) *efs.DescribeFileSystemsPaginator {
				return efs.NewDescribeFileSystemsPaginator(c, &efs.DescribeFileSystemsInput{MaxItems: aws.Int32(efsPage)})
			}),
			Items:      "FileSystems",
			ARN:        "{FileSystemArn} elasticfilesystem:file-system{FileSystemId}",
			Account:    "OwnerId",
			Name:       "Name",
			State:      "LifeCycleState",
			Gone:       "deleted",
			Relations:  "encrypted_by kms:key{KmsKeyId}",
			Properties: "CreationTime SizeInBytes.Value=size_in_bytes PerformanceMode ThroughputMode ProvisionedThroughputInMibps Encrypted NumberOfMountTargets AvailabilityZoneName",
			Parent:     true,
		},
		{
			Type: "elasticfilesystem:access-point",
			List: pages("DescribeAccessPoints", efsRate(), efs.NewFromConfig, func(c *efs.Client) *efs.DescribeAccessPointsPaginator {
				return efs.NewDescribeAccessPointsPaginator(c, &efs.DescribeAccessPointsInput{MaxResults: aws.Int32(efsPage)})
			}),
			Items:      "AccessPoints",
			ARN:        "{AccessPointArn}",
			Account:    "OwnerId",
			Name:       "Name",
			State:      "LifeCycleState",
			Gone:       "deleted",
			Ancestors:  "elasticfilesystem:file-system{FileSystemId}",
			Properties: "PosixUser RootDirectory",
		},
	}}
}
