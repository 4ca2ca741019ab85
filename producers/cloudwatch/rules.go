package cloudwatch

// rule makes the ARN of what a series is of.
type rule struct {
	// namespaces it is for, between spaces.
	namespaces string
	// arn is without "arn:<partition>:" unless a dimension holds it. {region} and
	// {account} are the place's, other names in braces are dimensions that the series has
	// to have; "{Name=prefix}" has to begin like that.
	arn string
	// unless are dimensions, between spaces, that make it another resource.
	unless string
}

// rules are tried in their order: of a namespace the one with more dimensions first.
//
// Source: AWS, "AWS services that publish CloudWatch metrics" for the dimensions, the
// service authorization reference for the ARNs. What is not here has an ARN that its
// dimensions do not determine: an Auto Scaling group's, an Amazon MQ broker's and an MSK
// cluster's hold a UUID, a web ACL's an id, a REST API's the id that goes with its name.
func rules() []rule {
	const (
		containers = "ECS/ContainerInsights"
		balancers  = "AWS/ApplicationELB AWS/NetworkELB AWS/GatewayELB"
		databases  = "AWS/RDS AWS/DocDB AWS/Neptune"
	)
	// These have no ARN: a pod, a node group's node, a family of task definitions.
	const (
		inEKS = "InstanceId NodeName Namespace PodName FullPodName Service ContainerName"
		inECS = "ServiceName TaskDefinitionFamily TaskId ContainerName ContainerInstanceId"
	)
	return []rule{
		{"AWS/EC2 CWAgent System/Linux ContainerInsights", "ec2:{region}:{account}:instance/{InstanceId=i-}", ""},
		{"AWS/EBS", "ec2:{region}:{account}:volume/{VolumeId=vol-}", ""},
		{"AWS/NATGateway", "ec2:{region}:{account}:natgateway/{NatGatewayId=nat-}", ""},
		{"AWS/TransitGateway", "ec2:{region}:{account}:transit-gateway-attachment/{TransitGatewayAttachment=tgw-attach-}", ""},
		{"AWS/TransitGateway", "ec2:{region}:{account}:transit-gateway/{TransitGateway=tgw-}", ""},
		{"AWS/VPN", "ec2:{region}:{account}:vpn-connection/{VpnId=vpn-}", ""},
		{"AWS/PrivateLinkEndpoints", "ec2:{region}:{account}:vpc-endpoint/{VPC Endpoint Id=vpce-}", ""},
		{"AWS/PrivateLinkServices", "ec2:{region}:{account}:vpc-endpoint-service/{Service Id=vpce-svc-}", ""},
		{databases, "rds:{region}:{account}:db:{DBInstanceIdentifier}", ""},
		{databases, "rds:{region}:{account}:cluster:{DBClusterIdentifier}", ""},
		{balancers, "elasticloadbalancing:{region}:{account}:{TargetGroup=targetgroup/}", ""},
		{balancers, "elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancer}", ""},
		{"AWS/ELB", "elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}", ""},
		{"AWS/Lambda LambdaInsights", "lambda:{region}:{account}:function:{FunctionName}", ""},
		{"AWS/Lambda LambdaInsights", "lambda:{region}:{account}:function:{function_name}", ""},
		{"AWS/SQS", "sqs:{region}:{account}:{QueueName}", ""},
		{"AWS/SNS", "sns:{region}:{account}:{TopicName}", ""},
		{"AWS/S3", "s3:::{BucketName}", ""},
		{"AWS/DynamoDB", "dynamodb:{region}:{account}:table/{TableName}/index/{GlobalSecondaryIndexName}", ""},
		{"AWS/DynamoDB", "dynamodb:{region}:{account}:table/{TableName}", ""},
		{containers, "ecs:{region}:{account}:task/{ClusterName}/{TaskId}", ""},
		{"AWS/ECS " + containers, "ecs:{region}:{account}:service/{ClusterName}/{ServiceName}", ""},
		{"AWS/EKS ContainerInsights", "eks:{region}:{account}:cluster/{ClusterName}", inEKS},
		{"AWS/ECS " + containers, "ecs:{region}:{account}:cluster/{ClusterName}", inECS},
		{"AWS/ECR", "ecr:{region}:{account}:repository/{RepositoryName}", ""},
		{"AWS/ElastiCache", "elasticache:{region}:{account}:cluster:{CacheClusterId}", ""},
		{"AWS/ElastiCache", "elasticache:{region}:{account}:replicationgroup:{ReplicationGroupId}", ""},
		{"AWS/MemoryDB", "memorydb:{region}:{account}:cluster/{ClusterName}", ""},
		{"AWS/DAX", "dax:{region}:{account}:cache/{ClusterId}", ""},
		{"AWS/Redshift", "redshift:{region}:{account}:cluster:{ClusterIdentifier}", ""},
		{"AWS/ES", "es:{region}:{account}:domain/{DomainName}", ""},
		{"AWS/EFS", "elasticfilesystem:{region}:{account}:file-system/{FileSystemId=fs-}", ""},
		{"AWS/FSx", "fsx:{region}:{account}:file-system/{FileSystemId=fs-}", ""},
		{"AWS/Kinesis", "kinesis:{region}:{account}:stream/{StreamName}", ""},
		{"AWS/Firehose", "firehose:{region}:{account}:deliverystream/{DeliveryStreamName}", ""},
		{"AWS/KinesisAnalytics", "kinesisanalytics:{region}:{account}:application/{Application}", ""},
		{"AWS/CloudFront", "cloudfront::{account}:distribution/{DistributionId}", ""},
		{"AWS/Route53", "route53:::healthcheck/{HealthCheckId}", ""},
		{"AWS/Route53", "route53:::hostedzone/{HostedZoneId}", ""},
		{"AWS/ApiGateway", "apigateway:{region}::/apis/{ApiId}", ""},
		{"AWS/AppSync", "appsync:{region}:{account}:apis/{GraphQLAPIId}", ""},
		{"AWS/States", "{StateMachineArn=arn:}", ""},
		{"AWS/States", "{ActivityArn=arn:}", ""},
		{"AWS/Events", "events:{region}:{account}:rule/{EventBusName}/{RuleName}", ""},
		{"AWS/Events", "events:{region}:{account}:rule/{RuleName}", ""},
		{"AWS/Logs", "logs:{region}:{account}:log-group:{LogGroupName}", ""},
		{"AWS/CertificateManager", "{CertificateArn=arn:}", ""},
		{"AWS/KMS", "kms:{region}:{account}:key/{KeyId}", ""},
		{"AWS/Cognito", "cognito-idp:{region}:{account}:userpool/{UserPool}", ""},
		{"AWS/CodeBuild", "codebuild:{region}:{account}:project/{ProjectName}", ""},
		{"AWS/SageMaker /aws/sagemaker/Endpoints", "sagemaker:{region}:{account}:endpoint/{EndpointName}", ""},
		{"AWS/Bedrock", "{ModelId=arn:}", ""},
		{"AWS/Athena", "athena:{region}:{account}:workgroup/{WorkGroup}", ""},
		{"Glue", "glue:{region}:{account}:job/{JobName}", ""},
		{"AWS/ElasticMapReduce", "elasticmapreduce:{region}:{account}:cluster/{JobFlowId=j-}", ""},
		{"AWS/Transfer", "transfer:{region}:{account}:server/{ServerId=s-}", ""},
		{"AWS/DX", "directconnect:{region}:{account}:dxcon/{ConnectionId=dxcon-}", ""},
		{"AWS/WorkSpaces", "workspaces:{region}:{account}:workspace/{WorkspaceId=ws-}", ""},
	}
}
