package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func ec2Gateways() []Entry {
	return []Entry{
		{
			Type: "ec2:natgateway",
			List: pages("DescribeNatGateways", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeNatGatewaysPaginator {
				return ec2.NewDescribeNatGatewaysPaginator(c, &ec2.DescribeNatGatewaysInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items: "NatGateways",
			ARN:   "ec2:natgateway{NatGatewayId}",
			State: "State",
			// Listed for an hour after its end.
			Gone:      "deleted",
			Ancestors: "ec2:subnet{SubnetId} ec2:vpc{VpcId}",
			Relations: `
				attached_to ec2:elastic-ip{NatGatewayAddresses.AllocationId}
				attached_to ec2:network-interface{NatGatewayAddresses.NetworkInterfaceId}`,
			Properties: "CreateTime DeleteTime ConnectivityType NatGatewayAddresses FailureCode FailureMessage SubnetId VpcId",
		},
		{
			Type: "ec2:internet-gateway",
			List: pages("DescribeInternetGateways", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeInternetGatewaysPaginator {
				return ec2.NewDescribeInternetGatewaysPaginator(c, &ec2.DescribeInternetGatewaysInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:      "InternetGateways",
			ARN:        "ec2:internet-gateway{InternetGatewayId}",
			Account:    "OwnerId",
			State:      "Attachments.State",
			Relations:  "attached_to ec2:vpc{Attachments.VpcId}",
			Inherits:   "ec2:vpc{Attachments.VpcId}",
			Properties: "Attachments",
		},
		{
			Type: "ec2:vpc-endpoint",
			List: pages("DescribeVpcEndpoints", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeVpcEndpointsPaginator {
				return ec2.NewDescribeVpcEndpointsPaginator(c, &ec2.DescribeVpcEndpointsInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:     "VpcEndpoints",
			ARN:       "ec2:vpc-endpoint{VpcEndpointId}",
			Account:   "OwnerId",
			State:     "State",
			Gone:      "deleted Deleted",
			Ancestors: "ec2:vpc{VpcId}",
			Relations: `
				attached_to ec2:subnet{SubnetIds}
				attached_to ec2:route-table{RouteTableIds}
				attached_to ec2:network-interface{NetworkInterfaceIds}
				member_of   ec2:security-group{Groups.GroupId}`,
			Properties: "ServiceName VpcEndpointType CreationTimestamp PrivateDnsEnabled RequesterManaged DnsEntries PolicyDocument VpcId",
		},
		{
			Type: "ec2:vpc-peering-connection",
			List: pages("DescribeVpcPeeringConnections", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeVpcPeeringConnectionsPaginator {
				return ec2.NewDescribeVpcPeeringConnectionsPaginator(c, &ec2.DescribeVpcPeeringConnectionsInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items: "VpcPeeringConnections",
			// Each side has its own ARN for it.
			ARN:        "ec2:vpc-peering-connection{VpcPeeringConnectionId}",
			State:      "Status.Code",
			Gone:       "deleted rejected expired failed",
			Relations:  "attached_to ec2:vpc{RequesterVpcInfo.VpcId|AccepterVpcInfo.VpcId}",
			Properties: "RequesterVpcInfo AccepterVpcInfo ExpirationTime Status.Message=status_message",
		},
		{
			Type: "ec2:transit-gateway",
			List: pages("DescribeTransitGateways", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeTransitGatewaysPaginator {
				return ec2.NewDescribeTransitGatewaysPaginator(c, &ec2.DescribeTransitGatewaysInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items:      "TransitGateways",
			ARN:        "{TransitGatewayArn} ec2:transit-gateway{TransitGatewayId}",
			Account:    "OwnerId",
			State:      "State",
			Gone:       "deleted",
			Properties: "Description CreationTime Options",
		},
		{
			Type: "ec2:vpc-flow-log",
			List: pages("DescribeFlowLogs", ec2Rate(), ec2.NewFromConfig, func(c *ec2.Client) *ec2.DescribeFlowLogsPaginator {
				return ec2.NewDescribeFlowLogsPaginator(c, &ec2.DescribeFlowLogsInput{MaxResults: aws.Int32(ec2Page)})
			}),
			Items: "FlowLogs",
			ARN:   "ec2:vpc-flow-log{FlowLogId}",
			State: "FlowLogStatus",
			Relations: `
				attached_to ec2:vpc{ResourceId:vpc}
				attached_to ec2:subnet{ResourceId:subnet}
				attached_to ec2:network-interface{ResourceId:interface}
				uses_role   {DeliverLogsPermissionArn}
				involves    logs:log-group{LogGroupName}`,
			Properties: "CreationTime ResourceId TrafficType LogDestinationType LogDestination LogGroupName LogFormat MaxAggregationInterval DeliverLogsStatus DeliverLogsErrorMessage",
		},
	}
}
