resource "aws_sns_topic" "alarms" {
  name = "${var.env}-polo-alarms"
}

# Its value is set by hand, so that no state holds it:
# aws secretsmanager put-secret-value --secret-id {env}/polo/clickhouse --secret-string ...
resource "aws_secretsmanager_secret" "clickhouse" {
  name        = "${var.env}/polo/clickhouse"
  description = "The password of ClickHouse's user polo_writer."
}

resource "aws_secretsmanager_secret" "datadog" {
  name        = "${var.env}/polo/datadog"
  description = "The keys of Datadog: {\"api_key\":...,\"application_key\":...}."
}

resource "aws_secretsmanager_secret" "github" {
  name        = "${var.env}/polo/github"
  description = "The credential of GitHub: {\"token\":...}, or {\"app_id\":...,\"private_key\":...}; perhaps \"enterprise_token\"; and \"webhook_secret\"."
}

# Whatever receives GitHub's webhooks puts them here: docs/PLATFORMS.md. What was refused is
# tried for 15 minutes, longer than a rotated secret takes to be read.
resource "aws_sqs_queue" "webhooks" {
  name                       = "${var.env}-github-webhooks"
  visibility_timeout_seconds = 180
}

resource "aws_sqs_queue_redrive_policy" "webhooks" {
  queue_url      = aws_sqs_queue.webhooks.id
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.webhooks_refused.arn, maxReceiveCount = 5 })
}

resource "aws_sqs_queue" "webhooks_refused" {
  name                      = "${var.env}-github-webhooks-dlq"
  message_retention_seconds = 1209600
}

resource "aws_secretsmanager_secret" "cloudflare" {
  name        = "${var.env}/polo/cloudflare"
  description = "The token of Cloudflare: {\"api_token\":...}."
}

# What alerts tell, apart from what tells that alerts do not.
resource "aws_sns_topic" "alerts" {
  name = "${var.env}-polo-alerts"
}

resource "aws_secretsmanager_secret" "alerts" {
  name        = "${var.env}/polo/clickhouse-alerts"
  description = "The password of ClickHouse's user polo_alerts."
}

resource "aws_secretsmanager_secret" "channels" {
  name        = "${var.env}/polo/channels"
  description = "What the channels in alerts.json name: {\"slack_url\":...,\"pagerduty_key\":...}."
}

resource "aws_vpc" "this" {
  cidr_block           = "10.71.0.0/24"
  enable_dns_hostnames = true
  enable_dns_support   = true
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 2, count.index)
  availability_zone = "${var.region}${["a", "b"][count.index]}"
}
