package cur

import (
	"strings"
	"unicode"

	"polo/envelope"
)

// platformOf is the platform of a provider as FOCUS names it, or a firm that is one; ""
// for no name.
func platformOf(provider string) string {
	words := strings.FieldsFunc(strings.ToLower(provider), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "aws", "amazon":
		return envelope.PlatformAWS
	case "microsoft", "azure":
		return "azure"
	case "google", "gcp":
		return "gcp"
	case "oracle", "oci":
		return "oci"
	}
	return strings.Join(words, "-")
}

// isCloud tells of a platform that is a cloud whose name is known.
func isCloud(platform string) bool {
	return platform == envelope.PlatformAWS || platform == "azure" || platform == "gcp" || platform == "oci"
}

// sourceOf is the source of a line: of FOCUS that of the provider that bills it, such as
// "azure.cost". Where no provider is named, a cloud that publishes it or sends the invoice
// is the provider; a bill that names none is AWS's.
func (n *normaliser) sourceOf(r *row) string {
	if n.layout.kind == kindCUR {
		return Source
	}
	platform := ""
	for _, f := range [...]field{fProvider, fServiceProvider} {
		if platform == "" {
			platform = platformOf(n.layout.value(r, f))
		}
	}
	for _, f := range [...]field{fPublisher, fInvoicingEntity, fHostProvider} {
		if p := platformOf(n.layout.value(r, f)); platform == "" && isCloud(p) {
			platform = p
		}
	}
	if platform == "" || platform == envelope.PlatformAWS {
		return Source
	}
	return platform + ".cost"
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
