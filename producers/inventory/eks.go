package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
)

// EKS publishes no limits; this is low, to leave room for others.
const (
	eksPerSecond = 5
	eksPage      = 100
)

func eksRate() rates { return perCall(eksPerSecond, eksPerSecond) }

func eksService() Service {
	return Service{Name: "eks", Entries: []Entry{
		hidden(vpcs()),
		{
			Type: "eks:cluster",
			List: pages("ListClusters", eksRate(), eks.NewFromConfig, func(c *eks.Client) *eks.ListClustersPaginator {
				return eks.NewListClustersPaginator(c, &eks.ListClustersInput{MaxResults: aws.Int32(eksPage)})
			}),
			Items: "Clusters=Name",
			Details: []Detail{{
				Call: ask("DescribeCluster", eksRate(), eks.NewFromConfig, (*eks.Client).DescribeCluster, func(about item) *eks.DescribeClusterInput {
					return &eks.DescribeClusterInput{Name: about.get("Name")}
				}),
				At: "Cluster", Whole: true, Absent: "ResourceNotFoundException",
			}},
			ARN:       "{Arn} eks:cluster{Name}",
			State:     "Status",
			Ancestors: "ec2:vpc{ResourcesVpcConfig.VpcId}",
			Relations: `
				uses_role    {RoleArn}
				member_of    ec2:subnet{ResourcesVpcConfig.SubnetIds}
				member_of    ec2:security-group{ResourcesVpcConfig.SecurityGroupIds}
				member_of    ec2:security-group{ResourcesVpcConfig.ClusterSecurityGroupId}
				encrypted_by kms:key{EncryptionConfig.Provider.KeyArn}`,
			Properties: `Version PlatformVersion CreatedAt Endpoint ResourcesVpcConfig.EndpointPublicAccess ResourcesVpcConfig.EndpointPrivateAccess
				ResourcesVpcConfig.PublicAccessCidrs KubernetesNetworkConfig Logging.ClusterLogging Identity.Oidc.Issuer=oidc_issuer AccessConfig.AuthenticationMode
				UpgradePolicy.SupportType ComputeConfig EncryptionConfig Health DeletionProtection ResourcesVpcConfig.VpcId`,
			Parent: true,
		},
		{
			Type: "eks:nodegroup", In: "eks:cluster",
			List: pagesIn("ListNodegroups", eksRate(), eks.NewFromConfig, func(c *eks.Client, in item) *eks.ListNodegroupsPaginator {
				return eks.NewListNodegroupsPaginator(c, &eks.ListNodegroupsInput{ClusterName: in.get("Name"), MaxResults: aws.Int32(eksPage)})
			}),
			Items: "Nodegroups=NodegroupName",
			Details: []Detail{{
				Call: ask("DescribeNodegroup", eksRate(), eks.NewFromConfig, (*eks.Client).DescribeNodegroup, func(about item) *eks.DescribeNodegroupInput {
					return &eks.DescribeNodegroupInput{ClusterName: about.get("^Name"), NodegroupName: about.get("NodegroupName")}
				}),
				At: "Nodegroup", Whole: true, Absent: "ResourceNotFoundException",
			}},
			// The ARN has a part that is not in the name.
			ARN:       "{NodegroupArn}",
			State:     "Status",
			Ancestors: "eks:cluster{ClusterName}",
			Relations: `
				uses_role     {NodeRole}
				member_of     ec2:subnet{Subnets}
				launched_from ec2:launch-template{LaunchTemplate.Id}`,
			Properties: `CreatedAt Version ReleaseVersion CapacityType InstanceTypes AmiType DiskSize ScalingConfig.MinSize ScalingConfig.MaxSize
				ScalingConfig.DesiredSize Resources.AutoScalingGroups.Name=auto_scaling_groups Labels Taints Health`,
		},
	}}
}
