package cur

import (
	"strings"

	"polo/envelope"
)

// platformOf is the platform of FOCUS's provider; a bill that names none is AWS's.
func platformOf(provider string) string {
	switch strings.ToLower(provider) {
	case "", "aws", "amazon", "amazon web services", "amazon web services, inc.":
		return envelope.PlatformAWS
	case "microsoft", "microsoft azure", "azure":
		return "azure"
	case "google", "google cloud", "gcp", "google cloud platform":
		return "gcp"
	case "oracle", "oci", "oracle cloud infrastructure":
		return "oci"
	}
	return slug(provider)
}

// serviceOf is the service as ARNs name it, by the bill's product code, else by the
// product's name. One that is not known is its code or name in lower case, without
// Amazon or AWS before it.
func serviceOf(code, name string) string {
	for _, s := range [...]string{code, name} {
		if s == "" {
			continue
		}
		if known := knownService(s); known != "" {
			return known
		}
		return slug(strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "Amazon"), "AWS")))
	}
	return ""
}

func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }

func knownService(s string) string {
	switch s {
	case "AmazonEC2", "Amazon Elastic Compute Cloud", "AmazonVPC", "Amazon Virtual Private Cloud":
		return "ec2"
	case "AmazonS3", "Amazon Simple Storage Service":
		return "s3"
	case "AmazonRDS", "Amazon Relational Database Service", "Amazon Relational Database Service (RDS)":
		return "rds"
	case "AWSLambda", "AWS Lambda":
		return "lambda"
	case "AmazonDynamoDB", "Amazon DynamoDB":
		return "dynamodb"
	case "AmazonCloudWatch", "Amazon CloudWatch", "AmazonCloudWatch ":
		return "cloudwatch"
	case "AWSELB", "Elastic Load Balancing":
		return "elasticloadbalancing"
	case "AmazonEKS", "Amazon Elastic Container Service for Kubernetes", "Amazon Elastic Kubernetes Service":
		return "eks"
	case "AmazonECS", "Amazon EC2 Container Service", "Amazon Elastic Container Service":
		return "ecs"
	case "AmazonECR", "Amazon EC2 Container Registry (ECR)", "Amazon Elastic Container Registry":
		return "ecr"
	case "awskms", "AWS Key Management Service":
		return "kms"
	case "AWSSecretsManager", "AWS Secrets Manager":
		return "secretsmanager"
	case "AWSQueueService", "Amazon Simple Queue Service":
		return "sqs"
	case "AmazonSNS", "Amazon Simple Notification Service":
		return "sns"
	case "AmazonSES", "Amazon Simple Email Service":
		return "ses"
	case "AmazonRoute53", "Amazon Route 53":
		return "route53"
	case "AmazonApiGateway", "Amazon API Gateway":
		return "apigateway"
	case "AmazonES", "Amazon OpenSearch Service", "Amazon Elasticsearch Service":
		return "es"
	case "AmazonEFS", "Amazon Elastic File System":
		return "elasticfilesystem"
	case "AmazonKinesisFirehose", "Amazon Kinesis Firehose":
		return "firehose"
	case "AmazonStates", "AWS Step Functions":
		return "states"
	case "AWSEvents", "CloudWatch Events", "Amazon EventBridge":
		return "events"
	case "ElasticMapReduce", "Amazon Elastic MapReduce":
		return "elasticmapreduce"
	case "AWSSystemsManager", "AWS Systems Manager":
		return "ssm"
	case "AmazonCognito", "Amazon Cognito":
		return "cognito-idp"
	case "AmazonMSK", "Amazon Managed Streaming for Apache Kafka":
		return "kafka"
	case "awswaf", "AWS WAF":
		return "wafv2"
	case "AWSXRay", "AWS X-Ray":
		return "xray"
	}
	return ""
}
