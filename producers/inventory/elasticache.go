package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
)

// ElastiCache publishes no limits; this is low, to leave room for others.
const (
	elasticachePerSecond = 5
	elasticachePage      = 100
)

func elasticacheRate() rates { return perCall(elasticachePerSecond, elasticachePerSecond) }

func elasticacheService() Service {
	return Service{Name: "elasticache", Entries: []Entry{
		{
			Type: "elasticache:replicationgroup",
			List: pages("DescribeReplicationGroups", elasticacheRate(), elasticache.NewFromConfig, func(c *elasticache.Client) *elasticache.DescribeReplicationGroupsPaginator {
				return elasticache.NewDescribeReplicationGroupsPaginator(c, &elasticache.DescribeReplicationGroupsInput{MaxRecords: aws.Int32(elasticachePage)})
			}),
			Items:  "ReplicationGroups",
			Tagged: "elasticache:replicationgroup",
			ARN:    "{ARN} elasticache:replicationgroup{ReplicationGroupId}",
			State:  "Status",
			Relations: `
				encrypted_by kms:key{KmsKeyId}
				involves     elasticache:cluster{MemberClusters}`,
			Properties: `Description CacheNodeType Engine ClusterEnabled AutomaticFailover MultiAZ AtRestEncryptionEnabled TransitEncryptionEnabled
				AuthTokenEnabled ConfigurationEndpoint SnapshotRetentionLimit ReplicationGroupCreateTime NodeGroups.NodeGroupId=node_groups`,
			Parent: true,
		},
		{
			Type: "elasticache:cluster",
			List: pages("DescribeCacheClusters", elasticacheRate(), elasticache.NewFromConfig, func(c *elasticache.Client) *elasticache.DescribeCacheClustersPaginator {
				return elasticache.NewDescribeCacheClustersPaginator(c, &elasticache.DescribeCacheClustersInput{MaxRecords: aws.Int32(elasticachePage), ShowCacheNodeInfo: aws.Bool(true)})
			}),
			Items:     "CacheClusters",
			Tagged:    "elasticache:cluster",
			ARN:       "{ARN} elasticache:cluster{CacheClusterId}",
			State:     "CacheClusterStatus",
			Ancestors: "elasticache:replicationgroup{ReplicationGroupId}",
			Relations: `
				member_of ec2:security-group{SecurityGroups.SecurityGroupId}
				member_of elasticache:subnetgroup{CacheSubnetGroupName}`,
			Properties: `Engine EngineVersion CacheNodeType NumCacheNodes CacheClusterCreateTime PreferredAvailabilityZone AtRestEncryptionEnabled
				TransitEncryptionEnabled AuthTokenEnabled SnapshotRetentionLimit AutoMinorVersionUpgrade ConfigurationEndpoint CacheNodes PreferredMaintenanceWindow`,
		},
		{
			Type: "elasticache:user",
			List: pages("DescribeUsers", elasticacheRate(), elasticache.NewFromConfig, func(c *elasticache.Client) *elasticache.DescribeUsersPaginator {
				return elasticache.NewDescribeUsersPaginator(c, &elasticache.DescribeUsersInput{MaxRecords: aws.Int32(elasticachePage)})
			}),
			Items:      "Users",
			Tagged:     "elasticache:user",
			ARN:        "{ARN}",
			Name:       "UserName",
			State:      "Status",
			Properties: "Engine MinimumEngineVersion AccessString UserGroupIds Authentication.Type=authentication_type",
		},
	}}
}
