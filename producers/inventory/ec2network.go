package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// vpcs returns the entry of VPCs; collectors of resources in a VPC have it as a hidden entry, to
// inherit from.
func vpcs() Entry {
	return Entry{
		Type: "ec2:vpc",
		List: pages("DescribeVpcs", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeVpcsPaginator {
			return ec2.NewDescribeVpcsPaginator(c, &ec2.DescribeVpcsInput{MaxResults: aws.Int32(ec2Page)})
		}),
		Items:      "Vpcs",
		ARN:        "ec2:vpc{VpcId}",
		Account:    "OwnerId",
		State:      "State",
		Properties: "CidrBlock CidrBlockAssociationSet Ipv6CidrBlockAssociationSet IsDefault InstanceTenancy DhcpOptionsId",
		Parent:     true,
	}
}

// subnets returns the entry of subnets, which others have hidden, too.
func subnets() Entry {
	return Entry{
		Type: "ec2:subnet",
		List: pages("DescribeSubnets", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeSubnetsPaginator {
			return ec2.NewDescribeSubnetsPaginator(c, &ec2.DescribeSubnetsInput{MaxResults: aws.Int32(ec2Page)})
		}),
		Items:      "Subnets",
		ARN:        "ec2:subnet{SubnetId}",
		Account:    "OwnerId",
		State:      "State",
		Ancestors:  "ec2:vpc{VpcId}",
		Properties: "CidrBlock Ipv6CidrBlockAssociationSet AvailabilityZone AvailabilityZoneId AvailableIpAddressCount DefaultForAz MapPublicIpOnLaunch VpcId",
		Parent:     true,
	}
}

// hidden returns an entry for tags only: another collector emits its resources.
func hidden(e Entry) Entry {
	e.Hidden = true
	return e
}

func ec2Networks() []Entry {
	return []Entry{
		vpcs(),
		subnets(),
		{
			Type: "ec2:security-group",
			List: pages("DescribeSecurityGroups", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeSecurityGroupsPaginator {
				return ec2.NewDescribeSecurityGroupsPaginator(c, &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:     "SecurityGroups",
			ARN:       "ec2:security-group{GroupId}",
			Account:   "OwnerId",
			Name:      "GroupName",
			Ancestors: "ec2:vpc{VpcId}",
			Relations: `
				involves ec2:security-group{IpPermissions.UserIdGroupPairs.GroupId}
				involves ec2:security-group{IpPermissionsEgress.UserIdGroupPairs.GroupId}`,
			Properties: "GroupName Description IpPermissions IpPermissionsEgress VpcId",
		},
		{
			Type: "ec2:route-table",
			List: pages("DescribeRouteTables", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeRouteTablesPaginator {
				return ec2.NewDescribeRouteTablesPaginator(c, &ec2.DescribeRouteTablesInput{MaxResults: aws.Int32(100)})
			}),
			Items:     "RouteTables",
			ARN:       "ec2:route-table{RouteTableId}",
			Account:   "OwnerId",
			Ancestors: "ec2:vpc{VpcId}",
			Relations: `
				attached_to ec2:subnet{Associations.SubnetId}
				routes_to   ec2:natgateway{Routes.NatGatewayId}
				routes_to   ec2:transit-gateway{Routes.TransitGatewayId}
				routes_to   ec2:vpc-peering-connection{Routes.VpcPeeringConnectionId}
				routes_to   ec2:network-interface{Routes.NetworkInterfaceId}`,
			Properties: "Routes Associations.Main VpcId",
		},
		{
			Type: "ec2:network-acl",
			List: pages("DescribeNetworkAcls", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeNetworkAclsPaginator {
				return ec2.NewDescribeNetworkAclsPaginator(c, &ec2.DescribeNetworkAclsInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:      "NetworkAcls",
			ARN:        "ec2:network-acl{NetworkAclId}",
			Account:    "OwnerId",
			Ancestors:  "ec2:vpc{VpcId}",
			Relations:  "attached_to ec2:subnet{Associations.SubnetId}",
			Properties: "IsDefault Entries VpcId",
		},
	}
}
