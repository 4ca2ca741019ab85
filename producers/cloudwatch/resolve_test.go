package cloudwatch_test

import (
	"testing"

	"polo/producers/cloudwatch"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	type dims = map[string]string
	const at = ":eu-west-1:012345678901:"
	for _, c := range []struct {
		namespace    string
		dimensions   dims
		arn, typ, id string
	}{
		{"AWS/EC2", dims{"InstanceId": "i-1"}, "arn:aws:ec2" + at + "instance/i-1", "ec2:instance", "i-1"},
		{"CWAgent", dims{"InstanceId": "i-1", "device": "xvda1"}, "arn:aws:ec2" + at + "instance/i-1", "ec2:instance", "i-1"},
		{"CWAgent", dims{"InstanceId": "mi-1"}, "", "", ""},
		{"AWS/EC2", dims{"AutoScalingGroupName": "g"}, "", "", ""},
		{"AWS/EC2", nil, "", "", ""},
		{"AWS/EBS", dims{"VolumeId": "vol-1"}, "arn:aws:ec2" + at + "volume/vol-1", "ec2:volume", "vol-1"},
		{"AWS/RDS", dims{"DBInstanceIdentifier": "d"}, "arn:aws:rds" + at + "db:d", "rds:db", "d"},
		{"AWS/RDS", dims{"DBClusterIdentifier": "c", "Role": "WRITER"}, "arn:aws:rds" + at + "cluster:c", "rds:cluster", "c"},
		{"AWS/ApplicationELB", dims{"LoadBalancer": "app/a/1"}, "arn:aws:elasticloadbalancing" + at + "loadbalancer/app/a/1", "elasticloadbalancing:loadbalancer", "app/a/1"},
		{"AWS/NetworkELB", dims{"LoadBalancer": "net/a/1", "TargetGroup": "targetgroup/t/2"}, "arn:aws:elasticloadbalancing" + at + "targetgroup/t/2", "elasticloadbalancing:targetgroup", "t/2"},
		{"AWS/ELB", dims{"LoadBalancerName": "old"}, "arn:aws:elasticloadbalancing" + at + "loadbalancer/old", "elasticloadbalancing:loadbalancer", "old"},
		{"AWS/Lambda", dims{"FunctionName": "f", "Resource": "f:live"}, "arn:aws:lambda" + at + "function:f", "lambda:function", "f"},
		{"LambdaInsights", dims{"function_name": "f"}, "arn:aws:lambda" + at + "function:f", "lambda:function", "f"},
		{"AWS/SQS", dims{"QueueName": "q.fifo"}, "arn:aws:sqs" + at + "q.fifo", "sqs:queue", "q.fifo"},
		{"AWS/SNS", dims{"TopicName": "NotifyMe"}, "arn:aws:sns" + at + "NotifyMe", "sns:topic", "NotifyMe"},
		{"AWS/S3", dims{"BucketName": "b", "StorageType": "StandardStorage"}, "arn:aws:s3:::b", "s3:bucket", "b"},
		{"AWS/DynamoDB", dims{"TableName": "t", "Operation": "Query"}, "arn:aws:dynamodb" + at + "table/t", "dynamodb:table", "t"},
		{"AWS/DynamoDB", dims{"TableName": "t", "GlobalSecondaryIndexName": "x"}, "arn:aws:dynamodb" + at + "table/t/index/x", "dynamodb:index", "t/index/x"},
		{"AWS/ECS", dims{"ClusterName": "c"}, "arn:aws:ecs" + at + "cluster/c", "ecs:cluster", "c"},
		{"AWS/ECS", dims{"ClusterName": "c", "ServiceName": "s"}, "arn:aws:ecs" + at + "service/c/s", "ecs:service", "c/s"},
		{"ECS/ContainerInsights", dims{"ClusterName": "c", "TaskDefinitionFamily": "f"}, "", "", ""},
		{"AWS/EKS", dims{"ClusterName": "c"}, "arn:aws:eks" + at + "cluster/c", "eks:cluster", "c"},
		{"ContainerInsights", dims{"ClusterName": "c"}, "arn:aws:eks" + at + "cluster/c", "eks:cluster", "c"},
		{"ContainerInsights", dims{"ClusterName": "c", "NodeName": "n", "InstanceId": "i-1"}, "arn:aws:ec2" + at + "instance/i-1", "ec2:instance", "i-1"},
		{"ContainerInsights", dims{"ClusterName": "c", "Namespace": "n", "PodName": "p"}, "", "", ""},
		{"AWS/ElastiCache", dims{"CacheClusterId": "c", "CacheNodeId": "0001"}, "arn:aws:elasticache" + at + "cluster:c", "elasticache:cluster", "c"},
		{"AWS/NATGateway", dims{"NatGatewayId": "nat-1"}, "arn:aws:ec2" + at + "natgateway/nat-1", "ec2:natgateway", "nat-1"},
		{"AWS/CloudFront", dims{"DistributionId": "E1", "Region": "Global"}, "arn:aws:cloudfront::012345678901:distribution/E1", "cloudfront:distribution", "E1"},
		{"AWS/States", dims{"StateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m"}, "arn:aws:states:us-east-1:1:stateMachine:m", "states:stateMachine", "m"},
		{"AWS/Bedrock", dims{"ModelId": "anthropic.claude"}, "", "", ""},
		{"AWS/PrivateLinkEndpoints", dims{"VPC Endpoint Id": "vpce-1", "VPC Id": "vpc-1"}, "arn:aws:ec2" + at + "vpc-endpoint/vpce-1", "ec2:vpc-endpoint", "vpce-1"},
		{"Custom", dims{"InstanceId": "i-1"}, "", "", ""},
	} {
		e := cloudwatch.ResolveSeries(c.namespace, c.dimensions, region, accountID)
		if e.ARN != c.arn || e.ResourceType != c.typ || e.ResourceID != c.id {
			t.Errorf("%s %v: %s %s %s", c.namespace, c.dimensions, e.ARN, e.ResourceType, e.ResourceID)
		}
		if (e.ARN == "") != (len(e.Ancestors) == 0) {
			t.Errorf("%s %v: ancestors %v", c.namespace, c.dimensions, e.Ancestors)
		}
	}
	if e := cloudwatch.ResolveSeries("AWS/EC2", dims{"AutoScalingGroupName": "g"}, region, accountID); e.Service != "ec2" {
		t.Errorf("a metric of EC2 without a resource is of %q", e.Service)
	}
	if e := cloudwatch.ResolveSeries("AWS/SQS", dims{"QueueName": "q"}, "cn-north-1", accountID); e.ARN != "arn:aws-cn:sqs:cn-north-1:012345678901:q" {
		t.Errorf("in China: %s", e.ARN)
	}
	if e := cloudwatch.ResolveSeries("AWS/SQS", dims{"QueueName": "q"}, "", accountID); e.ARN != "" {
		t.Errorf("without a region: %s", e.ARN)
	}
}
