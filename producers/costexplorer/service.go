package costexplorer

import "strings"

// serviceOf is the service as ARNs name it, by the name that Cost Explorer has for it.
// One that is not known is its name in lower case, without Amazon or AWS before it.
func serviceOf(name string) string {
	if known := knownService(name); known != "" {
		return known
	}
	return slug(strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(name, "Amazon"), "AWS")))
}

func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }

// knownService are the services whose names in ARNs are others than their names here.
func knownService(name string) string {
	switch name {
	case "Amazon Elastic Compute Cloud - Compute", "EC2 - Other", "Amazon Elastic Compute Cloud", "Amazon Virtual Private Cloud":
		return "ec2"
	case "Amazon Elastic Load Balancing", "Elastic Load Balancing", "EC2 - ELB":
		return "elasticloadbalancing"
	case "Amazon Simple Storage Service", "Amazon S3":
		return "s3"
	case "Amazon Relational Database Service":
		return "rds"
	case "Amazon Elastic Container Service for Kubernetes", "Amazon Elastic Kubernetes Service":
		return "eks"
	case "Amazon EC2 Container Service", "Amazon Elastic Container Service":
		return "ecs"
	case "Amazon EC2 Container Registry (ECR)", "Amazon Elastic Container Registry":
		return "ecr"
	case "Amazon Elastic File System":
		return "elasticfilesystem"
	case "Amazon Elastic MapReduce":
		return "elasticmapreduce"
	case "Amazon Elasticsearch Service", "Amazon OpenSearch Service":
		return "es"
	case "Amazon Simple Queue Service":
		return "sqs"
	case "Amazon Simple Notification Service":
		return "sns"
	case "Amazon Simple Email Service":
		return "ses"
	case "AmazonCloudWatch", "Amazon CloudWatch":
		return "cloudwatch"
	case "CloudWatch Events", "Amazon EventBridge":
		return "events"
	case "AWS Key Management Service":
		return "kms"
	case "AWS Secrets Manager":
		return "secretsmanager"
	case "AWS Systems Manager":
		return "ssm"
	case "AWS Step Functions":
		return "states"
	case "AWS WAF":
		return "wafv2"
	case "AWS X-Ray":
		return "xray"
	case "AWS Cost Explorer":
		return "ce"
	case "AWS Migration Hub Refactor Spaces":
		return "refactor-spaces"
	case "Amazon API Gateway":
		return "apigateway"
	case "Amazon Route 53":
		return "route53"
	case "Amazon Cognito":
		return "cognito-idp"
	case "Amazon Kinesis Firehose":
		return "firehose"
	case "Amazon Location Service":
		return "geo"
	case "Amazon Managed Streaming for Apache Kafka":
		return "kafka"
	}
	return ""
}
