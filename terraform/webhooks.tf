locals {
  # Not with try, which is unknown until apply if the queue is made in the same run.
  webhooks      = var.github == null ? null : var.github.webhooks
  webhooks_name = "${local.name}-github-webhooks"

  webhooks_environment = {
    for key, value in merge(local.collector_environment, lookup(local.platform_environment, "github", {})) : key => value if value != null && value != ""
  }

  webhooks_statements = local.webhooks == null ? [] : concat(
    [
      {
        # What Lambda's poller does in the function's name.
        Sid      = "TakeDeliveries"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = [local.webhooks.queue_arn]
      },
      {
        Sid      = "Publish"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        Resource = [local.queue_arn, local.dead_letter_arn]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${local.webhooks_name}:*"]
      },
      {
        Sid      = "ReadSecret"
        Effect   = "Allow"
        Action   = [strcontains(var.github.secret.arn, ":ssm:") ? "ssm:GetParameter" : "secretsmanager:GetSecretValue"]
        Resource = [var.github.secret.arn]
      },
    ],
    var.queue.kms_key_arn == null ? [] : [{
      Sid      = "UseQueueKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.queue.kms_key_arn]
    }],
    local.webhooks.kms_key_arn == null ? [] : [{
      Sid      = "DecryptDeliveries"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [local.webhooks.kms_key_arn]
    }],
    var.github.secret.kms_key_arn == null ? [] : [{
      Sid      = "DecryptSecret"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.github.secret.kms_key_arn]
    }],
  )
}

resource "aws_cloudwatch_log_group" "webhooks" {
  count = local.webhooks == null ? 0 : 1

  name              = "/aws/lambda/${local.webhooks_name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "webhooks" {
  count = local.webhooks == null ? 0 : 1

  name               = local.webhooks_name
  description        = "The role of Polo's function of GitHub's webhooks (${var.env})."
  assume_role_policy = local.lambda_trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "webhooks" {
  count = local.webhooks == null ? 0 : 1

  name   = "webhooks"
  role   = aws_iam_role.webhooks[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.webhooks_statements })
}

resource "aws_lambda_function" "webhooks" {
  count = local.webhooks == null ? 0 : 1

  function_name = local.webhooks_name
  description   = "Polo (${var.env}): makes events of the deliveries of GitHub's webhooks."
  role          = aws_iam_role.webhooks[0].arn

  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = local.zips["github-webhooks"].filename
  source_code_hash = local.zips["github-webhooks"].hash
  s3_bucket        = local.zips["github-webhooks"].s3_bucket
  s3_key           = local.zips["github-webhooks"].s3_key

  memory_size = 256
  # No longer than the visibility timeout that a queue has by default: Lambda refuses a
  # mapping from a queue that would deliver a batch again while it is in progress.
  timeout = 30

  environment {
    variables = merge(local.webhooks_environment, {
      POLO_QUEUE = aws_sqs_queue.events.url
      POLO_DLQ   = aws_sqs_queue.dead_letters.url
    })
  }

  tags = var.tags

  depends_on = [aws_cloudwatch_log_group.webhooks, aws_iam_role_policy.webhooks]
}

resource "aws_lambda_event_source_mapping" "webhooks" {
  count = local.webhooks == null ? 0 : 1

  event_source_arn = local.webhooks.queue_arn
  function_name    = aws_lambda_function.webhooks[0].arn

  batch_size                         = 100
  maximum_batching_window_in_seconds = 5
  # A message that no webhook has sent fails alone, and its queue redrives it.
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 5
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = split(":", local.webhooks.queue_arn)[3] == local.region
      error_message = "github.webhooks.queue_arn is of another region than the functions: Lambda takes no messages from there."
    }
  }
}
