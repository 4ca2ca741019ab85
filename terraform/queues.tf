locals {
  # Built from names, so that a plan shows the final policies.
  queue_arn       = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${local.name}-events"
  dead_letter_arn = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${local.name}-events-dlq"
}

resource "aws_sqs_queue" "events" {
  name = "${local.name}-events"

  message_retention_seconds = var.queue.retention_seconds
  max_message_size          = var.queue.max_message_size
  # Lambda requires six times the function's timeout plus the window: a batch must not be
  # redelivered while it is in progress.
  visibility_timeout_seconds = 6 * var.consumer.timeout_seconds + var.consumer.window_seconds

  sqs_managed_sse_enabled           = var.queue.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.queue.kms_key_arn
  kms_data_key_reuse_period_seconds = var.queue.kms_key_arn == null ? null : 3600

  tags = var.tags
}

resource "aws_sqs_queue" "dead_letters" {
  name = "${local.name}-events-dlq"

  # SQS's maximum. Age counts from the first send.
  message_retention_seconds = 1209600
  max_message_size          = var.queue.max_message_size

  sqs_managed_sse_enabled           = var.queue.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.queue.kms_key_arn
  kms_data_key_reuse_period_seconds = var.queue.kms_key_arn == null ? null : 3600

  tags = var.tags
}

resource "aws_sqs_queue_redrive_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.queue.max_receive_count
  })
}

# Only the main queue may redrive to it.
resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events.arn]
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "events" {
  queue_url            = aws_sqs_queue.events.id
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each = {
    events       = { url = aws_sqs_queue.events.id, arn = local.queue_arn }
    dead_letters = { url = aws_sqs_queue.dead_letters.id, arn = local.dead_letter_arn }
  }

  queue_url = each.value.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TLSOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
