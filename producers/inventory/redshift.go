package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
)

// Redshift publishes no limits; this is low, to leave room for others.
const (
	redshiftPerSecond = 5
	redshiftPage      = 100
)

func redshiftService() Service {
	return Service{Name: "redshift", Entries: []Entry{
		hidden(vpcs()),
		{
			Type: "redshift:cluster",
			List: pages("DescribeClusters", perCall(redshiftPerSecond, redshiftPerSecond), redshift.NewFromConfig, func(c *redshift.Client) *redshift.DescribeClustersPaginator {
				return redshift.NewDescribeClustersPaginator(c, &redshift.DescribeClustersInput{MaxRecords: aws.Int32(redshiftPage)})
			}),
			Items:     "Clusters",
			ARN:       "redshift:cluster{ClusterIdentifier}",
			State:     "ClusterStatus",
			Ancestors: "ec2:vpc{VpcId}",
			Relations: `
				member_of    ec2:security-group{VpcSecurityGroups.VpcSecurityGroupId}
				uses_role    {IamRoles.IamRoleArn}
				encrypted_by kms:key{KmsKeyId}`,
			Properties: `NodeType NumberOfNodes ClusterCreateTime ClusterVersion AvailabilityZone DBName Endpoint.Address=endpoint Endpoint.Port=port
				Encrypted PubliclyAccessible EnhancedVpcRouting AutomatedSnapshotRetentionPeriod ClusterAvailabilityStatus ClusterNamespaceArn
				ClusterSubnetGroupName PreferredMaintenanceWindow MultiAZ VpcId`,
		},
	}}
}
