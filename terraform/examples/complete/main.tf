# A complete deployment: the module, the read role of this account, and what both need.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = "polo", env = var.env }
  }
}

data "aws_caller_identity" "current" {}

module "polo" {
  source = "../.."

  env       = var.env
  artifacts = { folder = var.artifacts_folder }

  accounts = [
    { id = data.aws_caller_identity.current.account_id, name = "this one", role = "tooling" },
    { id = "210987654321", name = "production", role = "prod" },
  ]
  regions     = ["eu-west-1", "us-east-1"]
  external_id = "polo-${var.env}"

  # Every source. One that is left out neither runs nor gets permissions.
  sources = merge(
    { for name in local.inventory : name => {} },
    {
      "aws.cloudtrail"           = {}
      "aws.cloudwatch"           = { budget_usd = 0.5 }
      "aws.cost_explorer"        = { budget_usd = 0.25 }
      "aws.cost_explorer.hourly" = { budget_usd = 0.25, enabled = false }
      "aws.cost_explorer.teams"  = { budget_usd = 0.25 }
      "aws.cur"                  = {}
      "aws.organizations"        = { period_minutes = 720 }
      "aws.ec2"                  = { period_minutes = 30, memory_mb = 1024 }
      "cloudflare.audit"         = {}
      "cloudflare.billing"       = {}
      "cloudflare.inventory"     = {}
      "datadog.attribution"      = {}
      "datadog.audit"            = {}
      "datadog.billing"          = {}
      "datadog.inventory"        = {}
      "datadog.usage"            = {}
      "github.audit"             = {}
      "github.billing"           = {}
      "github.inventory"         = {}
    },
  )

  metrics = [
    { namespace = "AWS/EC2", metric = "CPUUtilization", dimensions = { InstanceId = "*" }, stats = ["Average", "Maximum"] },
  ]
  cost_explorer = {
    views = [{ name = "teams", group_by = ["TAG:team", "SERVICE"] }]
  }
  bills = [{
    account_id    = data.aws_caller_identity.current.account_id
    bucket        = "example-bills"
    bucket_region = "eu-west-1"
    prefix        = "cur"
    name          = "daily"
  }]

  github = {
    organisations = ["acme"]
    secret        = { arn = aws_secretsmanager_secret.github.arn }
    webhooks      = { queue_arn = aws_sqs_queue.webhooks.arn }
  }
  cloudflare = {
    accounts = ["0123456789abcdef0123456789abcdef"]
    secret   = { arn = aws_secretsmanager_secret.cloudflare.arn }
  }
  datadog = {
    site         = "datadoghq.eu"
    organisation = "abcdefabcdef"
    secret       = { arn = aws_secretsmanager_secret.datadog.arn }
  }

  clickhouse = {
    addr     = "abcdefghij.eu-west-1.vpce.aws.clickhouse.cloud:9440"
    user     = "polo_writer"
    password = { arn = aws_secretsmanager_secret.clickhouse.arn }
  }
  vpc = {
    vpc_id             = aws_vpc.this.id
    subnet_ids         = aws_subnet.private[*].id
    clickhouse_service = var.clickhouse_service
  }

  alerts = {
    config            = templatefile("${path.module}/alerts.json", { topic_arn = aws_sns_topic.alerts.arn, region = var.region })
    secret_arn        = aws_secretsmanager_secret.channels.arn
    sns_topic_arns    = [aws_sns_topic.alerts.arn]
    ses_identity_arns = ["arn:aws:ses:${var.region}:${data.aws_caller_identity.current.account_id}:identity/example.com"]
    clickhouse        = { user = "polo_alerts", password_secret_arn = aws_secretsmanager_secret.alerts.arn }
    # Slack, PagerDuty and SES, through the network's NAT.
    egress = [{ cidr = "0.0.0.0/0", port = 443 }]
  }

  alarm_topic_arns = [aws_sns_topic.alarms.arn]
  runbook_url      = "https://github.com/example/polo/blob/v1.0.0/docs/RUNBOOK.md"
}

# Needed in every account that is read. This one is for the account that everything runs in;
# others need their own provider, or the module read-role-stackset.
module "read_role" {
  source = "../../modules/read-role"

  env                  = var.env
  collector_account_id = data.aws_caller_identity.current.account_id
  external_id          = "polo-${var.env}"
  bills                = [{ bucket = "example-bills", prefix = "cur/" }]
}

locals {
  inventory = [
    "aws.acm", "aws.autoscaling", "aws.cloudfront", "aws.dynamodb", "aws.ec2", "aws.ecr", "aws.ecs", "aws.eks", "aws.elasticache",
    "aws.elasticfilesystem", "aws.elasticloadbalancing", "aws.iam", "aws.kms", "aws.lambda", "aws.logs", "aws.rds", "aws.redshift",
    "aws.route53", "aws.s3", "aws.secretsmanager", "aws.sns", "aws.sqs", "aws.tagging",
  ]
}
