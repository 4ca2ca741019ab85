# The least that brings rows in: one account, which is read by the collectors' own roles, two sources, and a
# ClickHouse that is reached over the internet. examples/complete has the rest.

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
}

data "aws_caller_identity" "current" {}

module "polo" {
  source = "../.."

  env       = var.env
  artifacts = { folder = var.artifacts_folder }

  accounts         = [{ id = data.aws_caller_identity.current.account_id }]
  read_own_account = true
  sources          = { "aws.cloudtrail" = {}, "aws.ec2" = {} }

  clickhouse = {
    addr     = var.clickhouse_addr
    user     = "polo_writer"
    password = { arn = aws_secretsmanager_secret.clickhouse.arn }
  }

  alarm_topic_arns = [aws_sns_topic.alarms.arn]
  runbook_url      = "https://github.com/example/polo/blob/main/docs/RUNBOOK.md"
}

# Its value is set by hand, and so is in no state; events wait until then:
# aws secretsmanager put-secret-value --secret-id {env}/polo/clickhouse --secret-string ...
resource "aws_secretsmanager_secret" "clickhouse" {
  name        = "${var.env}/polo/clickhouse"
  description = "The password of ClickHouse's user polo_writer."
}

# Nobody has subscribed to it yet.
resource "aws_sns_topic" "alarms" {
  name = "${var.env}-polo-alarms"
}

output "polo" {
  description = "What the module made."
  value       = module.polo
}
