package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// Limits of RDS, from "API request throttling" in its user guide: twelve requests a second
// in each account and region, after a burst of 300. This is below half, so that others have
// room.
const (
	rdsPerSecond = 5
	rdsBurst     = 10
	rdsPage      = 100
)

func rdsRate() rates { return each(rdsPerSecond, rdsBurst) }

// rdsService reads what RDS lists, databases of Neptune and DocumentDB among it.
func rdsService() Service {
	return Service{Name: "rds", Aliases: []string{"docdb", "neptune"}, Entries: []Entry{
		hidden(vpcs()),
		{
			Type: "rds:cluster",
			List: pages("DescribeDBClusters", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBClustersPaginator {
				return rds.NewDescribeDBClustersPaginator(c, &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items: "DBClusters",
			ARN:   "{DBClusterArn} rds:{r}:{a}:cluster:{DBClusterIdentifier}",
			State: "Status",
			Relations: `
				member_of    ec2:{r}:{a}:security-group/{VpcSecurityGroups.VpcSecurityGroupId}
				member_of    rds:{r}:{a}:subgrp:{DBSubnetGroup}
				encrypted_by kms:{r}:{a}:{KmsKeyId:kms}
				uses_role    {AssociatedRoles.RoleArn}
				created_from rds:{r}:{a}:cluster:{ReplicationSourceIdentifier}`,
			Properties: `Engine EngineVersion EngineMode ClusterCreateTime AvailabilityZones MultiAZ AllocatedStorage StorageType StorageEncrypted Endpoint
				ReaderEndpoint Port DBClusterInstanceClass DBClusterMembers BackupRetentionPeriod DeletionProtection IAMDatabaseAuthenticationEnabled
				DbClusterResourceId ServerlessV2ScalingConfiguration PreferredMaintenanceWindow PubliclyAccessible`,
			Parent: true,
		},
		{
			Type: "rds:db",
			List: pages("DescribeDBInstances", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBInstancesPaginator {
				return rds.NewDescribeDBInstancesPaginator(c, &rds.DescribeDBInstancesInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items:     "DBInstances",
			ARN:       "{DBInstanceArn} rds:{r}:{a}:db:{DBInstanceIdentifier}",
			State:     "DBInstanceStatus",
			Ancestors: "rds:{r}:{a}:cluster:{DBClusterIdentifier} ec2:{r}:{a}:vpc/{DBSubnetGroup.VpcId}",
			Relations: `
				member_of    ec2:{r}:{a}:security-group/{VpcSecurityGroups.VpcSecurityGroupId}
				member_of    ec2:{r}:{a}:subnet/{DBSubnetGroup.Subnets.SubnetIdentifier}
				member_of    rds:{r}:{a}:subgrp:{DBSubnetGroup.DBSubnetGroupName}
				encrypted_by kms:{r}:{a}:{KmsKeyId:kms}
				uses_role    {MonitoringRoleArn}
				uses_role    {AssociatedRoles.RoleArn}
				created_from rds:{r}:{a}:db:{ReadReplicaSourceDBInstanceIdentifier}`,
			Properties: `DBInstanceClass Engine EngineVersion InstanceCreateTime AvailabilityZone SecondaryAvailabilityZone MultiAZ AllocatedStorage
				MaxAllocatedStorage StorageType StorageEncrypted Iops StorageThroughput Endpoint.Address=endpoint Endpoint.Port=port PubliclyAccessible
				BackupRetentionPeriod DeletionProtection DbiResourceId LicenseModel CACertificateIdentifier AutoMinorVersionUpgrade
				PerformanceInsightsEnabled IAMDatabaseAuthenticationEnabled DBParameterGroups OptionGroupMemberships PreferredMaintenanceWindow
				ReadReplicaDBInstanceIdentifiers DBSubnetGroup.VpcId`,
			Parent: true,
		},
		{
			Type: "rds:snapshot",
			List: pages("DescribeDBSnapshots", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBSnapshotsPaginator {
				return rds.NewDescribeDBSnapshotsPaginator(c, &rds.DescribeDBSnapshotsInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items: "DBSnapshots",
			ARN:   "{DBSnapshotArn} rds:{r}:{a}:snapshot:{DBSnapshotIdentifier}",
			State: "Status",
			Relations: `
				created_from rds:{r}:{a}:db:{DBInstanceIdentifier}
				created_from {SourceDBSnapshotIdentifier}
				encrypted_by kms:{r}:{a}:{KmsKeyId:kms}`,
			Properties: "SnapshotType SnapshotCreateTime Engine EngineVersion AllocatedStorage StorageType Encrypted AvailabilityZone PercentProgress DBInstanceIdentifier VpcId",
			Inherits:   "rds:{r}:{a}:db:{DBInstanceIdentifier}",
		},
		{
			Type: "rds:cluster-snapshot",
			List: pages("DescribeDBClusterSnapshots", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBClusterSnapshotsPaginator {
				return rds.NewDescribeDBClusterSnapshotsPaginator(c, &rds.DescribeDBClusterSnapshotsInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items: "DBClusterSnapshots",
			ARN:   "{DBClusterSnapshotArn} rds:{r}:{a}:cluster-snapshot:{DBClusterSnapshotIdentifier}",
			State: "Status",
			Relations: `
				created_from rds:{r}:{a}:cluster:{DBClusterIdentifier}
				created_from {SourceDBClusterSnapshotArn}
				encrypted_by kms:{r}:{a}:{KmsKeyId:kms}`,
			Properties: "SnapshotType SnapshotCreateTime Engine EngineVersion EngineMode AllocatedStorage StorageEncrypted PercentProgress DBClusterIdentifier VpcId",
			Inherits:   "rds:{r}:{a}:cluster:{DBClusterIdentifier}",
		},
		{
			Type: "rds:subgrp",
			List: pages("DescribeDBSubnetGroups", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBSubnetGroupsPaginator {
				return rds.NewDescribeDBSubnetGroupsPaginator(c, &rds.DescribeDBSubnetGroupsInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items:      "DBSubnetGroups",
			ARN:        "{DBSubnetGroupArn} rds:{r}:{a}:subgrp:{DBSubnetGroupName}",
			State:      "SubnetGroupStatus",
			Ancestors:  "ec2:{r}:{a}:vpc/{VpcId}",
			Relations:  "involves ec2:{r}:{a}:subnet/{Subnets.SubnetIdentifier}",
			Tagged:     "rds:subgrp",
			Properties: "DBSubnetGroupDescription VpcId",
		},
	}}
}
