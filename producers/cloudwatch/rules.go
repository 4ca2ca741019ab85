package cloudwatch

// rule says which resource a series measures.
type rule struct {
	// namespaces that it applies to, separated by spaces.
	namespaces string
	// typ is the resource's type; empty if the dimension holds an ARN, or a name without one.
	typ string
	// dimension holds the resource's name or id; other is "parameter=dimension" for a further
	// parameter of the type's ARN. The series must have both.
	dimension, other string
	// unless are dimensions, separated by spaces, that mean another resource.
	unless string
}

// rules are tried in order, those with more dimensions first within a namespace.
//
// Source: AWS, "AWS services that publish CloudWatch metrics" for the dimensions, the service
// authorization reference for the ARNs. Missing resources have an ARN that the dimensions do not
// determine: an Auto Scaling group's, an Amazon MQ broker's and an MSK cluster's contain a UUID,
// a web ACL's an id, a REST API's the id for its name.
func rules() []rule {
	const (
		containers = "ECS/ContainerInsights"
		balancers  = "AWS/ApplicationELB AWS/NetworkELB AWS/GatewayELB"
		databases  = "AWS/RDS AWS/DocDB AWS/Neptune"
	)
	// Resources without an ARN: a pod, a node group's node, a family of task definitions.
	const (
		inEKS = "InstanceId NodeName Namespace PodName FullPodName Service ContainerName"
		inECS = "ServiceName TaskDefinitionFamily TaskId ContainerName ContainerInstanceId"
	)
	return []rule{
		{"AWS/EC2 CWAgent System/Linux ContainerInsights", "ec2:instance", "InstanceId", "", ""},
		{"AWS/EBS", "ec2:volume", "VolumeId", "", ""},
		{"AWS/NATGateway", "ec2:natgateway", "NatGatewayId", "", ""},
		{"AWS/TransitGateway", "ec2:transit-gateway-attachment", "TransitGatewayAttachment", "", ""},
		{"AWS/TransitGateway", "ec2:transit-gateway", "TransitGateway", "", ""},
		{"AWS/VPN", "ec2:vpn-connection", "VpnId", "", ""},
		{"AWS/PrivateLinkEndpoints", "ec2:vpc-endpoint", "VPC Endpoint Id", "", ""},
		{"AWS/PrivateLinkServices", "ec2:vpc-endpoint-service", "Service Id", "", ""},
		{databases, "rds:db", "DBInstanceIdentifier", "", ""},
		{databases, "rds:cluster", "DBClusterIdentifier", "", ""},
		{balancers, "elasticloadbalancing:targetgroup", "TargetGroup", "", ""},
		{balancers, "elasticloadbalancing:loadbalancer/v2", "LoadBalancer", "", ""},
		{"AWS/ELB", "elasticloadbalancing:loadbalancer", "LoadBalancerName", "", ""},
		{"AWS/Lambda LambdaInsights", "lambda:function", "FunctionName", "", ""},
		{"AWS/Lambda LambdaInsights", "lambda:function", "function_name", "", ""},
		{"AWS/SQS", "sqs:queue", "QueueName", "", ""},
		{"AWS/SNS", "sns:topic", "TopicName", "", ""},
		{"AWS/S3", "s3:bucket", "BucketName", "", ""},
		{"AWS/DynamoDB", "dynamodb:index", "GlobalSecondaryIndexName", "table=TableName", ""},
		{"AWS/DynamoDB", "dynamodb:table", "TableName", "", ""},
		{containers, "ecs:task", "TaskId", "cluster=ClusterName", ""},
		{"AWS/ECS " + containers, "ecs:service", "ServiceName", "cluster=ClusterName", ""},
		{"AWS/EKS ContainerInsights", "eks:cluster", "ClusterName", "", inEKS},
		{"AWS/ECS " + containers, "ecs:cluster", "ClusterName", "", inECS},
		{"AWS/ECR", "ecr:repository", "RepositoryName", "", ""},
		{"AWS/ElastiCache", "elasticache:cluster", "CacheClusterId", "", ""},
		{"AWS/ElastiCache", "elasticache:replicationgroup", "ReplicationGroupId", "", ""},
		{"AWS/MemoryDB", "memorydb:cluster", "ClusterName", "", ""},
		{"AWS/DAX", "dax:cache", "ClusterId", "", ""},
		{"AWS/Redshift", "redshift:cluster", "ClusterIdentifier", "", ""},
		{"AWS/ES", "es:domain", "DomainName", "", ""},
		{"AWS/EFS", "elasticfilesystem:file-system", "FileSystemId", "", ""},
		{"AWS/FSx", "fsx:file-system", "FileSystemId", "", ""},
		{"AWS/Kinesis", "kinesis:stream", "StreamName", "", ""},
		{"AWS/Firehose", "firehose:deliverystream", "DeliveryStreamName", "", ""},
		{"AWS/KinesisAnalytics", "kinesisanalytics:application", "Application", "", ""},
		{"AWS/CloudFront", "cloudfront:distribution", "DistributionId", "", ""},
		{"AWS/Route53", "route53:healthcheck", "HealthCheckId", "", ""},
		{"AWS/Route53", "route53:hostedzone", "HostedZoneId", "", ""},
		{"AWS/ApiGateway", "apigateway:apis", "ApiId", "", ""},
		{"AWS/AppSync", "appsync:apis", "GraphQLAPIId", "", ""},
		{"AWS/States", "", "StateMachineArn", "", ""},
		{"AWS/States", "", "ActivityArn", "", ""},
		{"AWS/Events", "events:rule", "RuleName", "bus=EventBusName", ""},
		{"AWS/Events", "events:rule", "RuleName", "", ""},
		{"AWS/Logs", "logs:log-group", "LogGroupName", "", ""},
		{"AWS/CertificateManager", "", "CertificateArn", "", ""},
		{"AWS/KMS", "kms:key", "KeyId", "", ""},
		{"AWS/Cognito", "cognito-idp:userpool", "UserPool", "", ""},
		{"AWS/CodeBuild", "codebuild:project", "ProjectName", "", ""},
		{"AWS/SageMaker /aws/sagemaker/Endpoints", "sagemaker:endpoint", "EndpointName", "", ""},
		{"AWS/Bedrock", "", "ModelId", "", ""},
		{"AWS/Athena", "athena:workgroup", "WorkGroup", "", ""},
		{"Glue", "glue:job", "JobName", "", ""},
		{"AWS/ElasticMapReduce", "elasticmapreduce:cluster", "JobFlowId", "", ""},
		{"AWS/Transfer", "transfer:server", "ServerId", "", ""},
		{"AWS/DX", "directconnect:dxcon", "ConnectionId", "", ""},
		{"AWS/WorkSpaces", "workspaces:workspace", "WorkspaceId", "", ""},
	}
}
