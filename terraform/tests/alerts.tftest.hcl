# The function of alerts: the plan that its settings give, and a run for each bad value that its variable refuses.

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
  accounts         = [{ id = "123456789012" }]
  sources          = { "aws.ec2" = {} }
  clickhouse       = { addr = "host:9440", user = "polo_writer" }
  alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
  runbook_url      = "https://example.com/docs/RUNBOOK.md"
  alerts = {
    config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
    clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
  }
}

run "off" {
  command = plan

  variables {
    alerts = null
  }

  assert {
    condition = 0 == length(concat(
      aws_ssm_parameter.alerts, aws_cloudwatch_log_group.alerts, aws_iam_role.alerts, aws_iam_role_policy.alerts, aws_lambda_function.alerts,
      aws_lambda_function_event_invoke_config.alerts, aws_iam_role_policy.start_alerts, aws_scheduler_schedule.alerts, aws_security_group.alerts,
    ))
    error_message = "There is a function of alerts that nobody asked for."
  }
  assert {
    condition     = length([for name in keys(local.alarms) : name if startswith(name, "alerts-")]) == 0 && length(local.alerts_widgets) == 0 && output.alerts_function == null
    error_message = "What does not run is watched."
  }
}

run "least" {
  command = plan

  assert {
    condition = local.alerts_settings == tomap({
      POLO_ENV                 = "test"
      POLO_ALERTS              = "arn:aws:ssm:eu-west-1:123456789012:parameter/test-polo/alerts"
      POLO_ALERTS_INTERVAL     = "5m"
      POLO_CLICKHOUSE_ADDR     = "host:9440"
      POLO_CLICKHOUSE_DATABASE = "polo"
      POLO_CLICKHOUSE_USER     = "polo_alerts"
      POLO_CLICKHOUSE_SECRET   = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse"
    })
    error_message = "The function of alerts is told something else than where its configuration and ClickHouse are."
  }
  assert {
    condition = { for s in jsondecode(one(aws_iam_role_policy.alerts).policy).Statement : s.Sid => "${s.Effect} ${join(" ", s.Action)} on ${join(" ", s.Resource)}" } == {
      ReadConfig   = "Allow ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/test-polo/alerts"
      Publish      = "Allow sqs:GetQueueAttributes sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:test-polo-events arn:aws:sqs:eu-west-1:123456789012:test-polo-events-dlq"
      Log          = "Allow logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/test-polo-alerts:*"
      ReadPassword = "Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse"
    }
    error_message = "The function of alerts may do something else than read its configuration and its password, publish and log."
  }
  assert {
    condition     = length(one(aws_lambda_function.alerts).vpc_config) == 0 && length(aws_security_group.alerts) == 0
    error_message = "There is a network without vpc."
  }
}

run "all" {
  command = plan

  variables {
    queue         = { kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/queues" }
    otlp_endpoint = "https://otel.example.com:4318"
    clickhouse    = { addr = "host:9000,other:9000", user = "polo_writer", database = "other", target = "cluster", plaintext = true }
    alerts = {
      config              = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      secret_arn          = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/channels"
      interval            = 10
      sns_topic_arns      = ["arn:aws:sns:eu-west-1:123456789012:one", "arn:aws:sns:us-east-1:123456789012:two"]
      ses_identity_arns   = ["arn:aws:ses:eu-west-1:123456789012:identity/example.com"]
      clickhouse          = { user = "polo_alerts", password_secret_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/clickhouse" }
      secret_kms_key_arns = ["arn:aws:kms:eu-west-1:123456789012:key/secrets"]
      topic_kms_key_arns  = ["arn:aws:kms:eu-west-1:123456789012:key/topics"]
    }
  }

  assert {
    condition = (one(aws_lambda_function.alerts).function_name == "test-polo-alerts" && one(aws_lambda_function.alerts).s3_key == "polo/v1/alerts-arm64.zip" && output.alerts_function == "test-polo-alerts" &&
      one(one(aws_lambda_function.alerts).architectures) == "arm64" && one(aws_lambda_function.alerts).timeout == 240 && one(aws_lambda_function.alerts).memory_size == 256 &&
    one(aws_lambda_function.alerts).reserved_concurrent_executions == 1)
    error_message = "The function of alerts is not what it should be."
  }
  assert {
    condition     = one(aws_ssm_parameter.alerts).name == "/test-polo/alerts" && one(aws_ssm_parameter.alerts).type == "String" && one(aws_ssm_parameter.alerts).tier == "Intelligent-Tiering" && nonsensitive(one(aws_ssm_parameter.alerts).value) == var.alerts.config
    error_message = "The configuration is not in its parameter."
  }
  assert {
    condition = local.alerts_settings == tomap({
      POLO_ENV                    = "test"
      POLO_ALERTS                 = "arn:aws:ssm:eu-west-1:123456789012:parameter/test-polo/alerts"
      POLO_ALERTS_SECRET          = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/channels"
      POLO_ALERTS_INTERVAL        = "10m"
      POLO_CLICKHOUSE_ADDR        = "host:9000,other:9000"
      POLO_CLICKHOUSE_DATABASE    = "other"
      POLO_CLICKHOUSE_USER        = "polo_alerts"
      POLO_CLICKHOUSE_SECRET      = "arn:aws:ssm:eu-west-1:123456789012:parameter/polo/clickhouse"
      POLO_CLICKHOUSE_PLAINTEXT   = "true"
      OTEL_EXPORTER_OTLP_ENDPOINT = "https://otel.example.com:4318"
    })
    error_message = "The function of alerts is told something else than alerts says."
  }
  assert {
    condition = { for s in jsondecode(one(aws_iam_role_policy.alerts).policy).Statement : s.Sid => "${s.Effect} ${join(" ", s.Action)} on ${join(" ", s.Resource)}" } == {
      ReadConfig     = "Allow ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/test-polo/alerts"
      Publish        = "Allow sqs:GetQueueAttributes sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:test-polo-events arn:aws:sqs:eu-west-1:123456789012:test-polo-events-dlq"
      Log            = "Allow logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/test-polo-alerts:*"
      ReadPassword   = "Allow ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/polo/clickhouse"
      ReadSecret     = "Allow ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/polo/channels"
      TellTopics     = "Allow sns:Publish on arn:aws:sns:eu-west-1:123456789012:one arn:aws:sns:us-east-1:123456789012:two"
      TellByMail     = "Allow ses:SendEmail on arn:aws:ses:eu-west-1:123456789012:identity/example.com"
      UseQueueKey    = "Allow kms:Decrypt kms:GenerateDataKey on arn:aws:kms:eu-west-1:123456789012:key/queues"
      DecryptSecrets = "Allow kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/secrets"
      UseTopicKeys   = "Allow kms:Decrypt kms:GenerateDataKey on arn:aws:kms:eu-west-1:123456789012:key/topics"
    }
    error_message = "The function of alerts may do something else than read what is its own, publish, log, and tell the topics and from the identities."
  }
  assert {
    # jsonencode would write the brackets as \u003c and \u003e, which the scheduler does not replace.
    condition = (one(aws_scheduler_schedule.alerts).schedule_expression == "rate(10 minutes)" && one(one(aws_scheduler_schedule.alerts).flexible_time_window).mode == "OFF" &&
      one(one(aws_scheduler_schedule.alerts).target).input == "{\"scheduled\":\"<aws.scheduler.scheduled-time>\"}" &&
      one(one(one(aws_scheduler_schedule.alerts).target).retry_policy).maximum_event_age_in_seconds == 600 &&
      one(aws_lambda_function_event_invoke_config.alerts).maximum_retry_attempts == 0 && one(aws_lambda_function_event_invoke_config.alerts).maximum_event_age_in_seconds == 600 &&
    [for s in jsondecode(one(aws_iam_role_policy.start_alerts).policy).Statement : s.Resource] == [["arn:aws:lambda:eu-west-1:123456789012:function:test-polo-alerts"]])
    error_message = "The schedule is not as alerts says, or a start may outlast its interval."
  }
  assert {
    condition     = join(" ", sort(flatten([for w in local.alerts_widgets : [for m in w.metrics : m[1]]]))) == "AlertErrors AlertRuns AlertRunsYielded AlertsOpen NotificationsFailed NotificationsSent"
    error_message = "The dashboard does not show how alerts are evaluated."
  }
}

run "every_minute" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      interval   = 1
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  assert {
    condition     = one(aws_scheduler_schedule.alerts).schedule_expression == "rate(1 minute)" && local.alerts_settings.POLO_ALERTS_INTERVAL == "1m" && local.alarms["alerts-stopped"].period == 60
    error_message = "A minute is not an interval."
  }
}

run "alarms" {
  command = plan

  assert {
    condition     = [for name in keys(local.alarms) : name if startswith(name, "alerts-")] == ["alerts-errors", "alerts-evaluation-errors", "alerts-notifications-failed", "alerts-stopped", "alerts-throttles"]
    error_message = "Nobody is alarmed if alerts are not evaluated, or not told."
  }
  assert {
    condition = (aws_cloudwatch_metric_alarm.this["alerts-stopped"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["alerts-stopped"].comparison_operator == "LessThanThreshold" &&
      aws_cloudwatch_metric_alarm.this["alerts-stopped"].threshold == 1 && aws_cloudwatch_metric_alarm.this["alerts-stopped"].evaluation_periods == 3 && aws_cloudwatch_metric_alarm.this["alerts-stopped"].datapoints_to_alarm == 3 &&
      [for q in aws_cloudwatch_metric_alarm.this["alerts-stopped"].metric_query : q.expression if q.return_data == true] == ["FILL(runs, 0)"] &&
    [for q in aws_cloudwatch_metric_alarm.this["alerts-stopped"].metric_query : "${one(q.metric).namespace} ${one(q.metric).metric_name} ${one(q.metric).stat} ${one(q.metric).period}" if q.return_data != true] == ["Polo AlertRuns Sum 300"])
    error_message = "Nobody is alarmed by the silence of what evaluates the alerts."
  }
  assert {
    condition     = alltrue([for name, a in aws_cloudwatch_metric_alarm.this : a.treat_missing_data == "notBreaching" if startswith(name, "alerts-") && name != "alerts-stopped"])
    error_message = "Silence counts elsewhere than where it is what is wrong."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["alerts-evaluation-errors"].datapoints_to_alarm == 3 && aws_cloudwatch_metric_alarm.this["alerts-notifications-failed"].datapoints_to_alarm == 1 && alltrue([for name, a in aws_cloudwatch_metric_alarm.this : a.threshold == 0 if startswith(name, "alerts-") && name != "alerts-stopped"])
    error_message = "An alarm comes too early, or too late."
  }
}

run "network" {
  command = plan

  variables {
    vpc = {
      vpc_id             = "vpc-0a"
      subnet_ids         = ["subnet-0a", "subnet-0b"]
      clickhouse_service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
      egress             = [{ cidr = "10.0.0.0/16", port = 4318 }]
    }
    alerts = {
      config         = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      sns_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:one"]
      clickhouse     = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      egress         = [{ cidr = "0.0.0.0/0", port = 443 }, { cidr = "10.0.0.0/16", port = 4318 }]
    }
  }

  assert {
    condition     = keys(aws_vpc_endpoint.aws) == ["secretsmanager", "sns", "sqs", "ssm"] && length(one(aws_lambda_function.alerts).vpc_config) == 1
    error_message = "The function of alerts does not reach what it needs from within the network."
  }
  assert {
    condition = (
      join(" ", sort([for r in values(aws_vpc_security_group_ingress_rule.alerts) : tostring(r.to_port)])) == "443 9440" &&
      join(" ", sort([for r in concat(values(aws_vpc_security_group_egress_rule.alerts), values(aws_vpc_security_group_egress_rule.alerts_elsewhere)) : tostring(r.to_port)])) == "4318 443 443 9440"
    )
    error_message = "The function of alerts may connect to other ports than it should."
  }
  assert {
    condition     = join(" ", sort([for r in values(aws_vpc_security_group_egress_rule.elsewhere) : r.cidr_ipv4])) == "10.0.0.0/16"
    error_message = "The consumer may connect to where only alerts go."
  }
  assert {
    condition = alltrue([for name, p in { consumer = aws_iam_role_policy.consumer, alerts = one(aws_iam_role_policy.alerts) } :
    anytrue([for s in jsondecode(p.policy).Statement : s.Effect == "Deny" && contains(s.Action, "ec2:CreateNetworkInterface") && try(s.Condition.ArnEquals["lambda:SourceFunctionArn"], []) == ["arn:aws:lambda:eu-west-1:123456789012:function:test-polo-${name}"]])])
    error_message = "A function's own code may make network interfaces."
  }
}

run "refuses_what_is_no_json" {
  command = plan

  variables {
    alerts = {
      config     = "channels: ops"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_an_empty_default" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_a_default_that_is_no_channel" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"oncall\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_a_default_of_text" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":\"ops\"}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_more_than_a_parameter_holds" {
  command = plan

  variables {
    alerts = {
      config     = jsonencode({ channels = { ops = {} }, default = ["ops"], runbook = format("%8200s", "x") })
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_the_secret_itself" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      secret_arn = "https://hooks.slack.com/services/x"
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_no_interval" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      interval   = 0
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_an_interval_of_hours" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      interval   = 61
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_half_a_minute" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      interval   = 1.5
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_a_topic_by_name" {
  command = plan

  variables {
    alerts = {
      config         = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse     = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      sns_topic_arns = ["ops"]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_a_topic_in_order" {
  command = plan

  variables {
    alerts = {
      config         = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse     = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      sns_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:ops.fifo"]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_every_topic" {
  command = plan

  variables {
    alerts = {
      config         = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse     = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      sns_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:*"]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_every_identity" {
  command = plan

  variables {
    alerts = {
      config            = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse        = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      ses_identity_arns = ["arn:aws:ses:eu-west-1:123456789012:identity/*"]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_the_consumers_user" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_writer", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_the_password_itself" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "secret" }
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_an_alias" {
  command = plan

  variables {
    alerts = {
      config              = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse          = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      secret_kms_key_arns = ["arn:aws:kms:eu-west-1:123456789012:alias/x"]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_an_alias_of_topics" {
  command = plan

  variables {
    alerts = {
      config             = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse         = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      topic_kms_key_arns = ["arn:aws:kms:eu-west-1:123456789012:alias/x"]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_egress_to_nowhere" {
  command = plan

  variables {
    vpc = { vpc_id = "vpc-0a", subnet_ids = ["subnet-0a", "subnet-0b"] }
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      egress     = [{ cidr = "anywhere", port = 443 }]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_egress_without_vpc" {
  command = plan

  variables {
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
      egress     = [{ cidr = "0.0.0.0/0", port = 443 }]
    }
  }

  expect_failures = [var.alerts]
}

run "refuses_a_window_that_events_wait_in_too_long" {
  command = plan

  variables {
    consumer = { window_seconds = 31 }
    alerts = {
      config     = "{\"channels\":{\"ops\":{}},\"default\":[\"ops\"]}"
      clickhouse = { user = "polo_alerts", password_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clickhouse" }
    }
  }

  expect_failures = [var.alerts]
}
