locals {
  consumer_name = "${local.name}-consumer"
  password      = var.clickhouse.password

  consumer_statements = concat(
    [
      {
        # What Lambda's poller does in the function's name; and the function asks for the
        # queue's retention, once it is told its ARN.
        Sid      = "TakeEvents"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
        Resource = [local.queue_arn]
      },
      {
        Sid      = "SendFailures"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        Resource = [local.dead_letter_arn]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${local.consumer_name}:*"]
      },
    ],
    var.queue.kms_key_arn == null ? [] : [{
      Sid      = "UseQueueKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.queue.kms_key_arn]
    }],
    local.password == null ? [] : [{
      Sid      = "ReadPassword"
      Effect   = "Allow"
      Action   = [{ secretsmanager = "secretsmanager:GetSecretValue", ssm = "ssm:GetParameter" }[local.password.store]]
      Resource = [local.password.arn]
    }],
    try(local.password.kms_key_arn, null) == null ? [] : [{
      Sid      = "DecryptPassword"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [local.password.kms_key_arn]
    }],
  )

  # Lambda itself needs these to attach the function to the VPC, for interfaces not known
  # beforehand. The function's own code is denied them.
  network_actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]
  network_statements = { for name in [local.consumer_name, local.alerts_name] : name => [for s in [
    {
      Sid      = "JoinNetwork"
      Effect   = "Allow"
      Action   = local.network_actions
      Resource = ["*"]
    },
    {
      Sid       = "NotByCode"
      Effect    = "Deny"
      Action    = local.network_actions
      Resource  = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = ["arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${name}"] } }
    },
  ] : s if var.vpc != null] }

  consumer_environment = merge(
    {
      POLO_ENV                 = var.env
      POLO_CLICKHOUSE_ADDR     = var.clickhouse.addr
      POLO_CLICKHOUSE_DATABASE = var.clickhouse.database
      POLO_CLICKHOUSE_USER     = var.clickhouse.user
      POLO_CLICKHOUSE_TARGET   = var.clickhouse.target
      POLO_DLQ                 = aws_sqs_queue.dead_letters.url
    },
    local.password == null ? {} : { POLO_CLICKHOUSE_SECRET = local.password.arn },
    var.clickhouse.insert_quorum == null ? {} : { POLO_CLICKHOUSE_INSERT_QUORUM = var.clickhouse.insert_quorum },
    var.clickhouse.plaintext ? { POLO_CLICKHOUSE_PLAINTEXT = "true" } : {},
    var.otlp_endpoint == null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint },
  )
}

resource "aws_cloudwatch_log_group" "consumer" {
  name              = "/aws/lambda/${local.consumer_name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "consumer" {
  name               = local.consumer_name
  description        = "The role of Polo's consumer (${var.env})."
  assume_role_policy = local.lambda_trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "consumer" {
  name   = "consumer"
  role   = aws_iam_role.consumer.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.consumer_statements, local.network_statements[local.consumer_name]) })
}

resource "aws_lambda_function" "consumer" {
  function_name = local.consumer_name
  description   = "Polo (${var.env}): inserts events from the queue into ClickHouse."
  role          = aws_iam_role.consumer.arn

  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = local.zips["consumer"].filename
  source_code_hash = local.zips["consumer"].hash
  s3_bucket        = local.zips["consumer"].s3_bucket
  s3_key           = local.zips["consumer"].s3_key

  memory_size = var.consumer.memory_mb
  timeout     = var.consumer.timeout_seconds

  environment {
    variables = local.consumer_environment
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = [aws_security_group.consumer[0].id]
    }
  }

  tags = var.tags

  # Without the group Lambda would create one that keeps logs for ever; without the policy it
  # cannot join the VPC.
  depends_on = [aws_cloudwatch_log_group.consumer, aws_iam_role_policy.consumer]
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn = aws_sqs_queue.events.arn
  function_name    = aws_lambda_function.consumer.arn

  batch_size                         = var.consumer.batch_size
  maximum_batching_window_in_seconds = var.consumer.window_seconds
  # A failed message fails alone. An outage fails the whole invocation, which makes Lambda
  # back off.
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.consumer.maximum_concurrency
  }

  tags = var.tags
}
