locals {
  read_role = coalesce(var.read_role_name, "${var.env}-PoloReadRole")

  # The accounts whose read role is assumed. Those of an organisation are known only at run
  # time; payers of bills and of Cost Explorer need not be among the accounts that are read.
  read_accounts = var.organization != null ? ["*"] : sort(setsubtract(
    concat(var.accounts[*].id, var.bills[*].account_id, var.cost_explorer.payers),
    var.read_own_account ? [local.account_id] : [],
  ))

  own_bills = [for b in var.bills : b if b.account_id == local.account_id]
  # Without a role to assume, the collectors list the organisation's accounts as themselves.
  lists_accounts = var.organization == null ? false : var.organization.account_id == null || (var.read_own_account && var.organization.account_id == local.account_id)

  # What every collector is told, and those of AWS.
  collector_environment = {
    POLO_ENV                    = var.env
    POLO_IDENTITY               = length(local.identity) == 0 ? "" : jsonencode(local.identity)
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint
  }
  aws_environment = {
    POLO_ACCOUNTS             = join(",", [for a in var.accounts : trimsuffix(trimsuffix("${a.id}:${a.name}:${a.role}", ":"), ":")])
    POLO_ACCOUNT_ROLES        = join(",", [for id, role in var.account_roles : "${id}=${role}"])
    POLO_ORGANIZATION         = var.organization == null ? "" : "true"
    POLO_ORGANIZATION_ACCOUNT = var.organization == null ? "" : var.organization.account_id
    POLO_OWN_ACCOUNT          = var.read_own_account ? local.account_id : ""
    POLO_REGIONS              = join(",", sort(var.regions))
    POLO_READ_ROLE            = local.read_role
    POLO_EXTERNAL_ID          = var.external_id
  }
  identity = { for name, tags in var.identity : name => tags if tags != null }

  # Settings that only some sources read.
  source_environment = {
    for name, s in local.sources : name => {
      POLO_SOURCE     = name
      POLO_PERIOD     = s.period_minutes == null ? "" : "${s.period_minutes}m"
      POLO_LOOKBACK   = s.lookback_minutes == null ? "" : "${s.lookback_minutes}m"
      POLO_BUDGET_USD = s.budget_usd == null ? "" : format("%.6f", s.budget_usd)
      POLO_REPORTS = name != "aws.cur" ? "" : jsonencode([for b in var.bills : {
        account = b.account_id, bucket = "s3://${b.bucket}?region=${b.bucket_region}", prefix = b.prefix, name = b.name
      }])
      POLO_CLOUDWATCH    = name != "aws.cloudwatch" ? "" : jsonencode({ metrics = var.metrics })
      POLO_COST_EXPLORER = s.kind.zip != "costexplorer" ? "" : jsonencode({ for k, v in var.cost_explorer : k => v if v != null })
    }
  }

  # What the sources of each other platform are told, and the secret that they read.
  platforms = {
    for platform, of in { cloudflare = var.cloudflare, datadog = var.datadog, github = var.github } : platform => {
      settings                       = jsonencode({ for k, v in of : k => v if !contains(["secret", "webhooks"], k) && v != null }), secret = of.secret
    } if of != null
  }
  platform_environment = {
    for platform, of in local.platforms : platform => { "POLO_${upper(platform)}" = of.settings, "POLO_${upper(platform)}_SECRET" = of.secret.arn }
  }
  source_secrets = { for name, s in local.sources : name => local.platforms[s.platform].secret if contains(keys(local.platforms), s.platform) }

  # Known before anything is created, so that a plan shows it.
  collector_settings = {
    for name, s in local.sources : name => {
      for key, value in merge(
        local.collector_environment, s.platform == "aws" ? local.aws_environment : lookup(local.platform_environment, s.platform, {}), local.source_environment[name],
      ) : key => value if value != null && value != ""
    }
  }
}

# What a collector may read in its own account, with its own role.
module "own_policy" {
  source   = "./modules/read-policy"
  for_each = local.sources

  sources      = var.read_own_account && each.value.platform == "aws" ? [each.key] : []
  organization = local.lists_accounts && each.value.platform == "aws"
  bills        = [for b in local.own_bills : { bucket = b.bucket, prefix = b.prefix, kms_key_arn = b.kms_key_arn }]
  partition    = local.partition
}

locals {
  collector_statements = {
    for name, s in local.sources : name => concat(
      [
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
          Resource = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${local.name}-${s.slug}:*"]
        },
      ],
      length(local.read_accounts) == 0 || s.platform != "aws" ? [] : [{
        Sid      = "AssumeReadRole"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = [for id in local.read_accounts : "arn:${local.partition}:iam::${id}:role/${local.read_role}"]
      }],
      var.queue.kms_key_arn == null ? [] : [{
        Sid      = "UseQueueKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.queue.kms_key_arn]
      }],
      [for secret in try([local.source_secrets[name]], []) : {
        Sid      = "ReadSecret"
        Effect   = "Allow"
        Action   = [strcontains(secret.arn, ":ssm:") ? "ssm:GetParameter" : "secretsmanager:GetSecretValue"]
        Resource = [secret.arn]
      }],
      [for secret in try([local.source_secrets[name]], []) : {
        Sid      = "DecryptSecret"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [secret.kms_key_arn]
      } if secret.kms_key_arn != null],
      module.own_policy[name].statements,
    )
  }
}

resource "aws_cloudwatch_log_group" "collector" {
  for_each = local.sources

  name              = "/aws/lambda/${local.name}-${each.value.slug}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "collector" {
  for_each = local.sources

  name               = "${local.name}-${each.value.slug}"
  description        = "The role of Polo's collector of ${each.key} (${var.env})."
  assume_role_policy = local.lambda_trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "collector" {
  for_each = local.sources

  name   = "collector"
  role   = aws_iam_role.collector[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.collector_statements[each.key] })
}

resource "aws_lambda_function" "collector" {
  for_each = local.sources

  function_name = "${local.name}-${each.value.slug}"
  description   = "Polo (${var.env}): collects ${each.key}."
  role          = aws_iam_role.collector[each.key].arn

  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = local.zips[each.value.kind.zip].filename
  source_code_hash = local.zips[each.value.kind.zip].hash
  s3_bucket        = local.zips[each.value.kind.zip].s3_bucket
  s3_key           = local.zips[each.value.kind.zip].s3_key

  memory_size = coalesce(each.value.memory_mb, each.value.kind.memory)
  timeout     = each.value.timeout_seconds

  environment {
    variables = merge(local.collector_settings[each.key], {
      POLO_QUEUE = aws_sqs_queue.events.url
      POLO_DLQ   = aws_sqs_queue.dead_letters.url
    })
  }

  tags = var.tags

  depends_on = [aws_cloudwatch_log_group.collector, aws_iam_role_policy.collector]

  lifecycle {
    precondition {
      condition     = sum([for name, value in local.collector_settings[each.key] : length(name) + length(value)]) < 3700
      error_message = "The settings of ${each.key} are more than a function's environment holds, 4 KB: ask for less in metrics, bills, accounts or cost_explorer."
    }
  }
}

# A failed run is retried once, which is idempotent. A second retry would overlap with the
# next run.
resource "aws_lambda_function_event_invoke_config" "collector" {
  for_each = local.sources

  function_name                = aws_lambda_function.collector[each.key].function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = min(max(each.value.period * 60, 60), 21600)
}
