locals {
  alerts_name        = "${local.name}-alerts"
  alerts_config_name = "/${local.name}/alerts"
  alerts_config_arn  = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter${local.alerts_config_name}"

  # Known before anything is created, so that a plan shows it.
  alerts_settings = var.alerts == null ? {} : { for key, value in {
    POLO_ENV                    = var.env
    POLO_ALERTS                 = local.alerts_config_arn
    POLO_ALERTS_SECRET          = var.alerts.secret_arn
    POLO_ALERTS_INTERVAL        = "${var.alerts.interval}m"
    POLO_CLICKHOUSE_ADDR        = var.clickhouse.addr
    POLO_CLICKHOUSE_DATABASE    = var.clickhouse.database
    POLO_CLICKHOUSE_USER        = var.alerts.clickhouse.user
    POLO_CLICKHOUSE_SECRET      = var.alerts.clickhouse.password_secret_arn
    POLO_CLICKHOUSE_PLAINTEXT   = var.clickhouse.plaintext ? "true" : null
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint
  } : key => value if value != null }

  alerts_secrets = var.alerts == null ? [] : concat(
    [{ sid = "ReadPassword", arn = var.alerts.clickhouse.password_secret_arn }],
    var.alerts.secret_arn == null ? [] : [{ sid = "ReadSecret", arn = var.alerts.secret_arn }],
  )

  alerts_statements = var.alerts == null ? [] : concat(
    [
      {
        Sid      = "ReadConfig"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter"]
        Resource = [local.alerts_config_arn]
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
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${local.alerts_name}:*"]
      },
    ],
    [for secret in local.alerts_secrets : {
      Sid      = secret.sid
      Effect   = "Allow"
      Action   = [strcontains(secret.arn, ":ssm:") ? "ssm:GetParameter" : "secretsmanager:GetSecretValue"]
      Resource = [secret.arn]
    }],
    length(var.alerts.sns_topic_arns) == 0 ? [] : [{
      Sid      = "TellTopics"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = var.alerts.sns_topic_arns
    }],
    length(var.alerts.ses_identity_arns) == 0 ? [] : [{
      Sid      = "TellByMail"
      Effect   = "Allow"
      Action   = ["ses:SendEmail"]
      Resource = var.alerts.ses_identity_arns
    }],
    var.queue.kms_key_arn == null ? [] : [{
      Sid      = "UseQueueKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.queue.kms_key_arn]
    }],
    length(var.alerts.secret_kms_key_arns) == 0 ? [] : [{
      Sid      = "DecryptSecrets"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = var.alerts.secret_kms_key_arns
    }],
    length(var.alerts.topic_kms_key_arns) == 0 ? [] : [{
      Sid      = "UseTopicKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = var.alerts.topic_kms_key_arns
    }],
  )
}

# The function reads it in each run, so a change needs no new function. A standard parameter
# holds 4 KB; Intelligent-Tiering makes it an advanced one if it is larger.
resource "aws_ssm_parameter" "alerts" {
  count = var.alerts == null ? 0 : 1

  name        = local.alerts_config_name
  description = "Polo (${var.env}): channels, routes and parameters of alerts."
  type        = "String"
  tier        = "Intelligent-Tiering"
  value       = var.alerts.config
  tags        = var.tags
}

resource "aws_cloudwatch_log_group" "alerts" {
  count = var.alerts == null ? 0 : 1

  name              = "/aws/lambda/${local.alerts_name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "alerts" {
  count = var.alerts == null ? 0 : 1

  name               = local.alerts_name
  description        = "The role of Polo's function of alerts (${var.env})."
  assume_role_policy = local.lambda_trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "alerts" {
  count = var.alerts == null ? 0 : 1

  name   = "alerts"
  role   = aws_iam_role.alerts[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.alerts_statements, local.network_statements[local.alerts_name]) })
}

resource "aws_lambda_function" "alerts" {
  count = var.alerts == null ? 0 : 1

  function_name = local.alerts_name
  description   = "Polo (${var.env}): evaluates alerts, and tells who is to know."
  role          = aws_iam_role.alerts[0].arn

  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = local.zips["alerts"].filename
  source_code_hash = local.zips["alerts"].hash
  s3_bucket        = local.zips["alerts"].s3_bucket
  s3_key           = local.zips["alerts"].s3_key

  memory_size = 256
  # What a run claims for itself: one that is older counts as dead.
  timeout = 240
  # Two runs at once would only wait for one another. It also keeps other functions from using
  # up what this one needs.
  reserved_concurrent_executions = 1

  environment {
    variables = merge(local.alerts_settings, {
      POLO_QUEUE = aws_sqs_queue.events.url
      POLO_DLQ   = aws_sqs_queue.dead_letters.url
    })
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = [aws_security_group.alerts[0].id]
    }
  }

  tags = var.tags

  depends_on = [aws_cloudwatch_log_group.alerts, aws_iam_role_policy.alerts, aws_ssm_parameter.alerts]
}

# The next run goes on where a failed one stopped; a retry within its claim would only yield.
resource "aws_lambda_function_event_invoke_config" "alerts" {
  count = var.alerts == null ? 0 : 1

  function_name                = aws_lambda_function.alerts[0].function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = var.alerts.interval * 60
}

resource "aws_iam_role_policy" "start_alerts" {
  count = var.alerts == null ? 0 : 1

  name = "start-alerts"
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartAlerts"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = ["arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.alerts_name}"]
    }]
  })
}

resource "aws_scheduler_schedule" "alerts" {
  count = var.alerts == null ? 0 : 1

  name        = local.alerts_name
  description = "Evaluates alerts."
  group_name  = aws_scheduler_schedule_group.collectors.name

  schedule_expression = var.alerts.interval == 1 ? "rate(1 minute)" : "rate(${var.alerts.interval} minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.alerts[0].arn
    role_arn = aws_iam_role.scheduler.arn
    # Not jsonencode, which escapes the brackets that the scheduler looks for.
    input = "{\"scheduled\":\"<aws.scheduler.scheduled-time>\"}"

    # This is about starting the function: after the interval the next run takes its place. A
    # time that was evaluated is not evaluated again.
    retry_policy {
      maximum_event_age_in_seconds = var.alerts.interval * 60
      maximum_retry_attempts       = 10
    }
  }

  depends_on = [aws_iam_role_policy.start_alerts]
}
