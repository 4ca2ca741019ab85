locals {
  # The IAM actions of each source's calls on all resources. integration/terraform compares
  # them with the code: a missing or superfluous action fails there.
  actions = {
    "aws.acm" = ["acm:DescribeCertificate", "acm:ListCertificates", "tag:GetResources"]
    "aws.autoscaling" = [
      "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeLaunchConfigurations", "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
    ]
    "aws.cloudfront"    = ["cloudfront:ListDistributions", "cloudfront:ListTagsForResource"]
    "aws.cloudtrail"    = ["cloudtrail:LookupEvents"]
    "aws.cloudwatch"    = ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
    "aws.cost_explorer" = ["ce:GetCostAndUsage"]
    "aws.dynamodb"      = ["dynamodb:DescribeTable", "dynamodb:GetResourcePolicy", "dynamodb:ListTables", "tag:GetResources"]
    "aws.ec2" = [
      "autoscaling:DescribeAutoScalingGroups", "ec2:DescribeAddresses", "ec2:DescribeFlowLogs", "ec2:DescribeImageAttribute",
      "ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInternetGateways", "ec2:DescribeKeyPairs",
      "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates",
      "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls", "ec2:DescribeNetworkInterfaces", "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups", "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeTransitGateways",
      "ec2:DescribeVolumes", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpcs",
    ]
    "aws.ecr" = ["ecr:DescribeRepositories", "tag:GetResources"]
    "aws.ecs" = [
      "ecs:DescribeClusters", "ecs:DescribeContainerInstances", "ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListClusters",
      "ecs:ListContainerInstances", "ecs:ListServices", "ecs:ListTasks",
    ]
    "aws.eks" = ["ec2:DescribeVpcs", "eks:DescribeCluster", "eks:DescribeNodegroup", "eks:ListClusters", "eks:ListNodegroups"]
    "aws.elasticache" = [
      "elasticache:DescribeCacheClusters", "elasticache:DescribeReplicationGroups", "elasticache:DescribeUsers",
      "tag:GetResources",
    ]
    "aws.elasticfilesystem" = ["elasticfilesystem:DescribeAccessPoints", "elasticfilesystem:DescribeFileSystems"]
    "aws.elasticloadbalancing" = [
      "ec2:DescribeVpcs", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
      "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
    ]
    "aws.iam"    = ["iam:GetAccountAuthorizationDetails", "iam:ListInstanceProfiles", "tag:GetResources"]
    "aws.kms"    = ["kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListKeys", "tag:GetResources"]
    "aws.lambda" = ["ec2:DescribeVpcs", "lambda:ListFunctions", "tag:GetResources"]
    "aws.logs"   = ["logs:DescribeLogGroups", "tag:GetResources"]
    "aws.rds" = [
      "ec2:DescribeVpcs", "rds:DescribeDBClusterSnapshotAttributes", "rds:DescribeDBClusterSnapshots",
      "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBSnapshotAttributes", "rds:DescribeDBSnapshots",
      "rds:DescribeDBSubnetGroups", "tag:GetResources",
    ]
    "aws.redshift" = ["ec2:DescribeVpcs", "redshift:DescribeClusters"]
    "aws.route53"  = ["route53:ListHostedZones", "route53:ListTagsForResources"]
    "aws.s3" = [
      "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging",
      "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:ListAllMyBuckets",
    ]
    "aws.secretsmanager" = ["secretsmanager:GetResourcePolicy", "secretsmanager:ListSecrets"]
    "aws.sns"            = ["sns:GetTopicAttributes", "sns:ListTopics", "tag:GetResources"]
    "aws.sqs"            = ["sqs:GetQueueAttributes", "sqs:ListQueues", "tag:GetResources"]
    "aws.tagging"        = ["tag:GetResources"]
    # Its buckets are named: see bills.
    "aws.cur" = []
    # It describes the accounts that every collector lists: see organization.
    "aws.organizations" = []
  }

  # The calls that list an organisation's accounts, with their units and tags.
  organization_actions = [
    "organizations:DescribeOrganization", "organizations:DescribeOrganizationalUnit", "organizations:ListAccounts",
    "organizations:ListParents", "organizations:ListTagsForResource",
  ]
}
