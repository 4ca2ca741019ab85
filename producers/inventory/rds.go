package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// Limits of RDS, from "API request throttling" in its user guide: twelve requests a second per
// account and region, after a burst of 300. This is below half, to leave room for others.
const (
	rdsPerSecond = 5
	rdsBurst     = 10
	rdsPage      = 100
)

func rdsRate() rates { return perCall(rdsPerSecond, rdsBurst) }

// rdsService reads what RDS lists, including databases of Neptune and DocumentDB.
func rdsService() Service {
	return Service{Name: "rds", Aliases: []string{"docdb", "neptune"}, Entries: []Entry{
		hidden(vpcs()),
		{
			Type: "rds:cluster",
			List: pages("DescribeDBClusters", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBClustersPaginator {
				return rds.NewDescribeDBClustersPaginator(c, &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items: "DBClusters",
			ARN:   "{DBClusterArn} rds:cluster{DBClusterIdentifier}",
			State: "Status",
			Relations: `
				member_of    ec2:security-group{VpcSecurityGroups.VpcSecurityGroupId}
				member_of    rds:subgrp{DBSubnetGroup}
				encrypted_by kms:key{KmsKeyId}
				uses_role    {AssociatedRoles.RoleArn}
				created_from rds:cluster{ReplicationSourceIdentifier}`,
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
			ARN:       "{DBInstanceArn} rds:db{DBInstanceIdentifier}",
			State:     "DBInstanceStatus",
			Ancestors: "rds:cluster{DBClusterIdentifier} ec2:vpc{DBSubnetGroup.VpcId}",
			Relations: `
				member_of    ec2:security-group{VpcSecurityGroups.VpcSecurityGroupId}
				member_of    ec2:subnet{DBSubnetGroup.Subnets.SubnetIdentifier}
				member_of    rds:subgrp{DBSubnetGroup.DBSubnetGroupName}
				encrypted_by kms:key{KmsKeyId}
				uses_role    {MonitoringRoleArn}
				uses_role    {AssociatedRoles.RoleArn}
				created_from rds:db{ReadReplicaSourceDBInstanceIdentifier}`,
			Properties: `DBInstanceClass Engine EngineVersion InstanceCreateTime AvailabilityZone SecondaryAvailabilityZone MultiAZ AllocatedStorage
				MaxAllocatedStorage StorageType StorageEncrypted Iops StorageThroughput Endpoint.Address=endpoint Endpoint.Port=port PubliclyAccessible
				BackupRetentionPeriod DeletionProtection DbiResourceId LicenseModel CACertificateIdentifier AutoMinorVersionUpgrade
				PerformanceInsightsEnabled IAMDatabaseAuthenticationEnabled DBParameterGroups OptionGroupMemberships PreferredMaintenanceWindow
				ReadReplicaDBInstanceIdentifiers MasterUsername CopyTagsToSnapshot DBClusterIdentifier DBSubnetGroup.VpcId`,
			Parent: true,
		},
		{
			Type: "rds:snapshot",
			List: pages("DescribeDBSnapshots", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBSnapshotsPaginator {
				return rds.NewDescribeDBSnapshotsPaginator(c, &rds.DescribeDBSnapshotsInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items: "DBSnapshots",
			Details: []Detail{{
				Call: ask("DescribeDBSnapshotAttributes", rdsRate(), rds.NewFromConfig, (*rds.Client).DescribeDBSnapshotAttributes, func(about item) *rds.DescribeDBSnapshotAttributesInput {
					return &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: about.get("DBSnapshotIdentifier")}
				}),
				At: "DBSnapshotAttributesResult", Only: "SnapshotType=manual", Absent: "DBSnapshotNotFound",
			}},
			ARN:   "{DBSnapshotArn} rds:snapshot{DBSnapshotIdentifier}",
			State: "Status",
			Relations: `
				created_from rds:db{DBInstanceIdentifier}
				created_from {SourceDBSnapshotIdentifier}
				encrypted_by kms:key{KmsKeyId}`,
			Properties: "SnapshotType SnapshotCreateTime Engine EngineVersion AllocatedStorage StorageType Encrypted AvailabilityZone PercentProgress DBInstanceIdentifier VpcId DBSnapshotAttributes=attributes",
			Inherits:   "rds:db{DBInstanceIdentifier}",
		},
		{
			Type: "rds:cluster-snapshot",
			List: pages("DescribeDBClusterSnapshots", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBClusterSnapshotsPaginator {
				return rds.NewDescribeDBClusterSnapshotsPaginator(c, &rds.DescribeDBClusterSnapshotsInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items: "DBClusterSnapshots",
			Details: []Detail{{
				Call: ask("DescribeDBClusterSnapshotAttributes", rdsRate(), rds.NewFromConfig, (*rds.Client).DescribeDBClusterSnapshotAttributes, func(about item) *rds.DescribeDBClusterSnapshotAttributesInput {
					return &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: about.get("DBClusterSnapshotIdentifier")}
				}),
				// Those that RDS makes are nobody else's.
				At: "DBClusterSnapshotAttributesResult", Only: "SnapshotType=manual", Absent: "DBClusterSnapshotNotFoundFault",
			}},
			ARN:   "{DBClusterSnapshotArn} rds:cluster-snapshot{DBClusterSnapshotIdentifier}",
			State: "Status",
			Relations: `
				created_from rds:cluster{DBClusterIdentifier}
				created_from {SourceDBClusterSnapshotArn}
				encrypted_by kms:key{KmsKeyId}`,
			Properties: "SnapshotType SnapshotCreateTime Engine EngineVersion EngineMode AllocatedStorage StorageEncrypted PercentProgress DBClusterIdentifier VpcId DBClusterSnapshotAttributes=attributes",
			Inherits:   "rds:cluster{DBClusterIdentifier}",
		},
		{
			Type: "rds:subgrp",
			List: pages("DescribeDBSubnetGroups", rdsRate(), rds.NewFromConfig, func(c *rds.Client) *rds.DescribeDBSubnetGroupsPaginator {
				return rds.NewDescribeDBSubnetGroupsPaginator(c, &rds.DescribeDBSubnetGroupsInput{MaxRecords: aws.Int32(rdsPage)})
			}),
			Items:      "DBSubnetGroups",
			ARN:        "{DBSubnetGroupArn} rds:subgrp{DBSubnetGroupName}",
			State:      "SubnetGroupStatus",
			Ancestors:  "ec2:vpc{VpcId}",
			Relations:  "involves ec2:subnet{Subnets.SubnetIdentifier}",
			Tagged:     "rds:subgrp",
			Properties: "DBSubnetGroupDescription VpcId",
		},
	}}
}
