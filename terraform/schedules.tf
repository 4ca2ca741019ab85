resource "aws_scheduler_schedule_group" "collectors" {
  name = local.name
  tags = var.tags
}

resource "aws_iam_role" "scheduler" {
  name        = "${local.name}-scheduler"
  description = "The role with which Polo's schedules (${var.env}) start collectors."
  tags        = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account_id
          "aws:SourceArn"     = "arn:${local.partition}:scheduler:${local.region}:${local.account_id}:schedule-group/${local.name}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  count = length(local.sources) == 0 ? 0 : 1

  name = "start-collectors"
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartCollectors"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [for s in local.sources : "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.name}-${s.slug}"]
    }]
  })
}

resource "aws_scheduler_schedule" "collector" {
  for_each = local.sources

  name        = "${local.name}-${each.value.slug}"
  description = "Collects ${each.key}."
  group_name  = aws_scheduler_schedule_group.collectors.name
  state       = each.value.enabled ? "ENABLED" : "DISABLED"

  schedule_expression = each.value.period == 1 ? "rate(1 minute)" : "rate(${each.value.period} minutes)"

  # Runs use their scheduled time; a flexible window would only delay them.
  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.collector[each.key].arn
    role_arn = aws_iam_role.scheduler.arn
    # Not jsonencode, which escapes the brackets that the scheduler looks for.
    input = "{\"scheduled\":\"<aws.scheduler.scheduled-time>\"}"

    # This is about starting the function: once a start is older than the period, the next
    # run's lookback covers it.
    retry_policy {
      maximum_event_age_in_seconds = min(max(each.value.period * 60, 60), 86400)
      maximum_retry_attempts       = 10
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}
