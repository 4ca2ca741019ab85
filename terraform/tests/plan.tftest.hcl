# The plan that the module's settings give.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
}

variables {
  env              = "test"
  artifacts        = { s3_bucket = "artifacts", s3_prefix = "polo/v1" }
  accounts         = [{ id = "123456789012" }, { id = "210987654321", name = "shop", role = "prod" }]
  sources          = { "aws.ec2" = {}, "aws.cost_explorer" = {} }
  clickhouse       = { addr = "host:9440", user = "polo_writer" }
  alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
  runbook_url      = "https://example.com/docs/RUNBOOK.md"
}

run "queues" {
  command = plan

  assert {
    condition     = aws_sqs_queue.events.name == "test-polo-events" && aws_sqs_queue.dead_letters.name == "test-polo-events-dlq"
    error_message = "The queues are not called test-polo-events and test-polo-events-dlq."
  }
  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds >= 6 * aws_lambda_function.consumer.timeout + aws_lambda_event_source_mapping.events.maximum_batching_window_in_seconds
    error_message = "A batch comes back while it is still worked on."
  }
  assert {
    condition     = aws_sqs_queue.dead_letters.message_retention_seconds >= 2 * aws_sqs_queue.events.message_retention_seconds
    error_message = "What the queue moves has less time left than it had."
  }
  assert {
    condition     = aws_sqs_queue.events.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.sqs_managed_sse_enabled
    error_message = "A queue is not encrypted."
  }
  assert {
    condition = alltrue([for p in aws_sqs_queue_policy.tls_only : jsondecode(p.policy).Statement[0].Effect == "Deny" &&
      jsondecode(p.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    ]) && length(aws_sqs_queue_policy.tls_only) == 2
    error_message = "A queue answers without TLS."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.events.redrive_allow_policy).redrivePermission == "denyAll"
    error_message = "The main queue takes other queues' dead letters."
  }
}

run "a_key_for_the_queues" {
  command = plan

  variables {
    queue = { kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/queues" }
  }

  assert {
    condition     = aws_sqs_queue.events.kms_master_key_id == var.queue.kms_key_arn && aws_sqs_queue.dead_letters.kms_master_key_id == var.queue.kms_key_arn
    error_message = "A queue is not encrypted with the key."
  }
  assert {
    condition = alltrue([for p in concat([aws_iam_role_policy.consumer], values(aws_iam_role_policy.collector)) :
      anytrue([for s in jsondecode(p.policy).Statement : s.Sid == "UseQueueKey" && contains(s.Resource, var.queue.kms_key_arn)])
    ])
    error_message = "A function cannot use the queues' key."
  }
}

run "consumer" {
  command = plan

  variables {
    consumer   = { timeout_seconds = 60, batch_size = 1000, window_seconds = 10, maximum_concurrency = 20 }
    clickhouse = { addr = "host:9000,other:9000", user = "polo_writer", target = "cluster", insert_quorum = "2", plaintext = true, password = { store = "ssm", arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo" } }
  }

  assert {
    condition     = aws_lambda_function.consumer.function_name == "test-polo-consumer" && one(aws_lambda_function.consumer.architectures) == "arm64" && aws_lambda_function.consumer.runtime == "provided.al2023" && aws_lambda_function.consumer.handler == "bootstrap"
    error_message = "The consumer's function is not what it should be."
  }
  assert {
    condition     = aws_lambda_function.consumer.s3_key == "polo/v1/consumer-arm64.zip"
    error_message = "The consumer's zip is not where artifacts says."
  }
  assert {
    condition     = one(aws_lambda_function.consumer.environment).variables.POLO_CLICKHOUSE_ADDR == "host:9000,other:9000" && one(aws_lambda_function.consumer.environment).variables.POLO_CLICKHOUSE_INSERT_QUORUM == "2"
    error_message = "The consumer is not told the servers of a cluster, or the quorum."
  }
  assert {
    condition     = one(aws_lambda_event_source_mapping.events.function_response_types) == "ReportBatchItemFailures" && one(aws_lambda_event_source_mapping.events.scaling_config).maximum_concurrency == 20 && aws_lambda_event_source_mapping.events.batch_size == 1000 && aws_lambda_event_source_mapping.events.maximum_batching_window_in_seconds == 10
    error_message = "The queue is not handed over as consumer says."
  }
  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds == 370
    error_message = "The queue's visibility does not follow the function's timeout."
  }
  assert {
    condition     = anytrue([for s in jsondecode(aws_iam_role_policy.consumer.policy).Statement : s.Action == ["ssm:GetParameter"] && s.Resource == [var.clickhouse.password.arn]])
    error_message = "The consumer cannot read its password from SSM, or reads another."
  }
  assert {
    condition     = aws_cloudwatch_log_group.consumer.name == "/aws/lambda/test-polo-consumer" && aws_cloudwatch_log_group.consumer.retention_in_days == 30
    error_message = "The consumer's logs are kept elsewhere, or for another time."
  }
  assert {
    condition     = length(aws_lambda_function.consumer.vpc_config) == 0 && length(aws_security_group.consumer) == 0 && length(aws_vpc_endpoint.aws) == 0
    error_message = "There is a network without vpc."
  }
}

run "collectors" {
  command = plan

  variables {
    sources = {
      "aws.ec2"                  = {}
      "aws.cost_explorer.hourly" = { period_minutes = 720, lookback_minutes = 60, budget_usd = 0.5 }
      "aws.cloudtrail"           = { enabled = false }
    }
  }

  assert {
    condition     = { for name, f in aws_lambda_function.collector : name => f.function_name } == { "aws.ec2" = "test-polo-aws-ec2", "aws.cost_explorer.hourly" = "test-polo-aws-cost_explorer-hourly", "aws.cloudtrail" = "test-polo-aws-cloudtrail" }
    error_message = "Functions are not called after their sources."
  }
  assert {
    condition     = aws_lambda_function.collector["aws.ec2"].s3_key == "polo/v1/inventory-arm64.zip" && aws_lambda_function.collector["aws.cost_explorer.hourly"].s3_key == "polo/v1/costexplorer-arm64.zip"
    error_message = "A source runs another's zip."
  }
  assert {
    condition     = { for name, s in aws_scheduler_schedule.collector : name => "${s.state} ${s.schedule_expression}" } == { "aws.ec2" = "ENABLED rate(60 minutes)", "aws.cost_explorer.hourly" = "ENABLED rate(720 minutes)", "aws.cloudtrail" = "DISABLED rate(15 minutes)" }
    error_message = "Schedules are not as sources says."
  }
  assert {
    # jsonencode would write the brackets as \u003c and \u003e, which the scheduler does not replace.
    condition     = alltrue([for s in aws_scheduler_schedule.collector : one(s.target).input == "{\"scheduled\":\"<aws.scheduler.scheduled-time>\"}" && one(s.flexible_time_window).mode == "OFF"])
    error_message = "A schedule does not tell the time that it is for."
  }
  assert {
    condition     = local.collector_settings["aws.cost_explorer.hourly"].POLO_PERIOD == "720m" && local.collector_settings["aws.cost_explorer.hourly"].POLO_LOOKBACK == "60m" && local.collector_settings["aws.cost_explorer.hourly"].POLO_BUDGET_USD == "0.500000" && local.collector_settings["aws.cost_explorer.hourly"].POLO_SOURCE == "aws.cost_explorer.hourly"
    error_message = "A source's settings do not reach it."
  }
  assert {
    condition     = !contains(keys(local.collector_settings["aws.ec2"]), "POLO_PERIOD") && !contains(keys(local.collector_settings["aws.ec2"]), "POLO_REPORTS")
    error_message = "A source is told what it does not read."
  }
  assert {
    condition     = local.collector_settings["aws.ec2"].POLO_ACCOUNTS == "123456789012,210987654321:shop:prod" && local.collector_settings["aws.ec2"].POLO_READ_ROLE == "test-PoloReadRole"
    error_message = "The accounts to read are not as accounts says."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.collector["aws.ec2"].policy).Statement : s.Resource if s.Sid == "AssumeReadRole"] == [["arn:aws:iam::123456789012:role/test-PoloReadRole", "arn:aws:iam::210987654321:role/test-PoloReadRole"]]
    error_message = "A collector assumes other roles than those of the accounts."
  }
  assert {
    condition     = length([for name in keys(local.alarms) : name if endswith(name, "aws-cloudtrail")]) == 0
    error_message = "A collector that is not meant to run has alarms."
  }
}

run "datadog" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "datadog.billing" = {} }
    datadog = {
      site         = "datadoghq.eu"
      organisation = "abc123"
      secret       = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/datadog", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/k" }
    }
  }

  assert {
    condition     = { for k, v in local.collector_settings["datadog.billing"] : k => v if k != "POLO_ENV" && k != "POLO_SOURCE" } == { POLO_DATADOG = jsonencode({ site = "datadoghq.eu", organisation = "abc123" }), POLO_DATADOG_SECRET = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/datadog" }
    error_message = "The collector of Datadog is told something else than where its organisation and its keys are."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.collector["datadog.billing"].policy).Statement : s.Sid] == ["Publish", "Log", "ReadSecret", "DecryptSecret"]
    error_message = "The collector of Datadog may do something else than publish, log and read its secret."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.collector["datadog.billing"].policy).Statement : "${s.Action[0]} ${s.Resource[0]}" if endswith(s.Sid, "Secret")] == ["ssm:GetParameter arn:aws:ssm:eu-west-1:123456789012:parameter/polo/datadog", "kms:Decrypt arn:aws:kms:eu-west-1:123456789012:key/k"]
    error_message = "The collector of Datadog reads another secret than its own."
  }
  assert {
    condition     = !contains(keys(local.collector_settings["aws.ec2"]), "POLO_DATADOG") && !strcontains(aws_iam_role_policy.collector["aws.ec2"].policy, "Secret")
    error_message = "Another collector is told of Datadog, or may read its keys."
  }
}

run "github_and_cloudflare" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.billing" = {}, "github.audit" = {}, "cloudflare.billing" = {} }
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:polo/github-AbCdEf" }
    }
    cloudflare = {
      accounts = ["023e105f4ecef8ad9ca31a8372d0c353"]
      prices   = [{ rate_plan = "enterprise", amount = "200.50", currency = "USD", frequency = "monthly" }]
      secret   = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:polo/cloudflare-AbCdEf" }
    }
  }

  assert {
    condition = alltrue([for name in ["github.billing", "github.audit"] : { for k, v in local.collector_settings[name] : k => v if k != "POLO_ENV" } == {
      POLO_SOURCE = name, POLO_GITHUB = jsonencode({ organisations = ["acme"] }), POLO_GITHUB_SECRET = var.github.secret.arn
    }])
    error_message = "The collectors of GitHub are told something else than what to read and where their credential is."
  }
  assert {
    condition     = local.collector_settings["cloudflare.billing"].POLO_CLOUDFLARE == "{\"accounts\":[\"023e105f4ecef8ad9ca31a8372d0c353\"],\"prices\":[{\"amount\":\"200.50\",\"currency\":\"USD\",\"frequency\":\"monthly\",\"rate_plan\":\"enterprise\"}]}"
    error_message = "The collector of Cloudflare is told something else than its accounts and prices."
  }
  assert {
    condition     = { for name in ["github.audit", "cloudflare.billing"] : name => [for s in jsondecode(aws_iam_role_policy.collector[name].policy).Statement : s.Resource if s.Sid == "ReadSecret"] } == { "github.audit" = [[var.github.secret.arn]], "cloudflare.billing" = [[var.cloudflare.secret.arn]] }
    error_message = "A collector reads another secret than its platform's."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.collector["github.audit"].policy, "sts:AssumeRole")
    error_message = "A collector of another platform may assume a role."
  }
}

run "github_webhooks" {
  command = plan

  variables {
    queue = { kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/queues" }
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/github", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/secrets" }
      webhooks      = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:hooks", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/hooks" }
    }
  }

  assert {
    condition     = one(aws_lambda_function.webhooks).function_name == "test-polo-github-webhooks" && one(aws_lambda_function.webhooks).s3_key == "polo/v1/github-webhooks-arm64.zip" && output.webhooks_function == "test-polo-github-webhooks"
    error_message = "The function of webhooks is not what it should be."
  }
  assert {
    condition     = local.webhooks_environment == { POLO_ENV = "test", POLO_GITHUB = jsonencode({ organisations = ["acme"] }), POLO_GITHUB_SECRET = var.github.secret.arn }
    error_message = "The function of webhooks is told something else than of which GitHub they are and where its secret is."
  }
  assert {
    condition     = one(aws_lambda_event_source_mapping.webhooks).event_source_arn == "arn:aws:sqs:eu-west-1:123456789012:hooks" && one(one(aws_lambda_event_source_mapping.webhooks).function_response_types) == "ReportBatchItemFailures" && one(aws_lambda_function.webhooks).timeout <= 30
    error_message = "The queue of webhooks is not handed over, or a message that is refused drags down its neighbours."
  }
  assert {
    condition = { for s in jsondecode(one(aws_iam_role_policy.webhooks).policy).Statement : s.Sid => "${join(" ", s.Action)} on ${join(" ", s.Resource)}" } == {
      TakeDeliveries    = "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:123456789012:hooks"
      Publish           = "sqs:GetQueueAttributes sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:test-polo-events arn:aws:sqs:eu-west-1:123456789012:test-polo-events-dlq"
      Log               = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/test-polo-github-webhooks:*"
      ReadSecret        = "ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/polo/github"
      UseQueueKey       = "kms:Decrypt kms:GenerateDataKey on arn:aws:kms:eu-west-1:123456789012:key/queues"
      DecryptDeliveries = "kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/hooks"
      DecryptSecret     = "kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/secrets"
    }
    error_message = "The function of webhooks may do something else than take its queue's messages, publish, log and read its secret."
  }
  assert {
    condition     = [for name in keys(local.alarms) : name if startswith(name, "webhooks-")] == ["webhooks-age", "webhooks-errors", "webhooks-refused"] && local.alarms["webhooks-age"].metric.dimensions.QueueName == "hooks"
    error_message = "Nobody is alarmed if webhooks are not read."
  }
}

run "github_webhooks_beside_sources" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.audit" = {} }
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/github" }
      webhooks      = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:hooks" }
    }
  }

  assert {
    condition     = local.collector_settings["github.audit"].POLO_GITHUB == jsonencode({ organisations = ["acme"] }) && !strcontains(aws_iam_role_policy.collector["github.audit"].policy, "hooks")
    error_message = "A collector is told of the queue of webhooks, or may take its messages."
  }
}

run "github_webhooks_of_another_region" {
  command = plan

  variables {
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/github" }
      webhooks      = { queue_arn = "arn:aws:sqs:us-east-1:123456789012:hooks" }
    }
  }

  expect_failures = [aws_lambda_event_source_mapping.webhooks]
}

run "no_webhooks" {
  command = plan

  assert {
    condition     = length(aws_lambda_function.webhooks) + length(aws_lambda_event_source_mapping.webhooks) + length(aws_iam_role.webhooks) == 0 && length([for name in keys(local.alarms) : name if startswith(name, "webhooks-")]) == 0
    error_message = "There is a function of webhooks that nobody asked for."
  }
}

run "organization_read_as_itself" {
  command = plan

  variables {
    accounts         = []
    organization     = {}
    read_own_account = true
  }

  assert {
    condition     = local.collector_settings["aws.ec2"].POLO_ORGANIZATION == "true" && local.collector_settings["aws.ec2"].POLO_OWN_ACCOUNT == "123456789012" && !contains(keys(local.collector_settings["aws.ec2"]), "POLO_ACCOUNTS")
    error_message = "The collectors are not told of the organisation."
  }
  assert {
    condition     = anytrue([for s in jsondecode(aws_iam_role_policy.collector["aws.ec2"].policy).Statement : contains(s.Action, "organizations:ListAccounts")])
    error_message = "The collectors cannot list the accounts."
  }
  assert {
    condition     = anytrue([for s in jsondecode(aws_iam_role_policy.collector["aws.ec2"].policy).Statement : contains(s.Action, "ec2:DescribeInstances")]) && !anytrue([for s in jsondecode(aws_iam_role_policy.collector["aws.cost_explorer"].policy).Statement : contains(s.Action, "ec2:DescribeInstances")])
    error_message = "A collector cannot read its own account, or can read what is another's."
  }
}

run "organization_by_its_account" {
  command = plan

  variables {
    accounts     = []
    organization = { account_id = "345678901234" }
  }

  assert {
    condition     = local.collector_settings["aws.ec2"].POLO_ORGANIZATION_ACCOUNT == "345678901234" && !strcontains(aws_iam_role_policy.collector["aws.ec2"].policy, "organizations:")
    error_message = "The collectors do not ask the organisation by its account's read role alone."
  }
}

run "network" {
  command = plan

  variables {
    clickhouse = { addr = "host:9440", user = "polo_writer", password = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x" } }
    vpc = {
      vpc_id             = "vpc-0a"
      subnet_ids         = ["subnet-0a", "subnet-0b"]
      clickhouse_service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
      egress             = [{ cidr = "10.0.0.0/16", port = 4318 }]
    }
  }

  assert {
    condition     = keys(aws_vpc_endpoint.aws) == ["secretsmanager", "sqs"] && one(aws_vpc_endpoint.clickhouse).private_dns_enabled
    error_message = "The consumer does not reach what it needs from within the network."
  }
  assert {
    condition     = join(" ", sort([for r in concat(values(aws_vpc_security_group_egress_rule.endpoints), values(aws_vpc_security_group_egress_rule.elsewhere)) : tostring(r.to_port)])) == "4318 443 9440"
    error_message = "The consumer may connect to other ports than it should."
  }
  assert {
    condition     = join(" ", sort([for r in values(aws_vpc_security_group_ingress_rule.endpoints) : tostring(r.to_port)])) == "443 9440"
    error_message = "The endpoints let in other ports than they should."
  }
  assert {
    condition     = anytrue([for s in jsondecode(aws_iam_role_policy.consumer.policy).Statement : s.Effect == "Deny" && contains(s.Action, "ec2:CreateNetworkInterface")])
    error_message = "The consumer's own code may make network interfaces."
  }
}

run "alarms" {
  command = plan

  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : can(regex(" https://example\\.com/docs/RUNBOOK\\.md#[a-z0-9-]+$", a.alarm_description)) && startswith(a.alarm_name, "test-polo-") && a.alarm_actions == var.alarm_topic_arns && a.ok_actions == var.alarm_topic_arns])
    error_message = "An alarm leads nowhere, or tells nobody."
  }
  assert {
    # CloudWatch evaluates a day at most if a period is under an hour, else a week.
    condition     = alltrue([for a in local.alarms : a.period * a.periods <= (a.period < 3600 ? 86400 : 604800)])
    error_message = "An alarm looks at a longer time than CloudWatch does."
  }
  assert {
    condition     = [for name, a in aws_cloudwatch_metric_alarm.this : name if a.treat_missing_data == "breaching"] == ["no-events-aws-cost_explorer", "no-events-aws-ec2"]
    error_message = "Silence counts elsewhere than where it is what is wrong."
  }
  assert {
    condition     = [for name in keys(aws_cloudwatch_metric_alarm.this) : name if startswith(name, "paid-requests")] == ["paid-requests-aws-cost_explorer"]
    error_message = "Paid requests are watched where there are none, or not where there are."
  }
}
