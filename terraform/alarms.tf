locals {
  # Every alarm: what is wrong in one line, and the heading of docs/RUNBOOK.md that says
  # what to do. integration/terraform checks that headings and alarms correspond. Functions
  # write no metric of zero, and CloudWatch would use an earlier period instead of one
  # without data: FILL makes it zero.
  alarms = merge(
    local.queue_alarms, local.consumer_alarms, local.alerts_alarms, local.failure_alarms, local.collector_alarms,
    local.event_alarms, local.error_alarms, local.gap_alarms, local.payment_alarms, local.webhook_alarms,
  )

  queue_alarms = {
    "dlq-not-empty" = {
      means  = "Records or events failed and wait in the dead-letter queue."
      anchor = "the-dead-letter-queue-is-not-empty"
      metric = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", stat = "Maximum", dimensions = { QueueName = "${local.name}-events-dlq" } }
      period = 60, periods = 1, datapoints = 1, above = 0
    }
    "queue-age" = {
      means  = "Events wait in the main queue for more than ${var.alarms.queue_age_seconds} seconds."
      anchor = "the-main-queue-grows"
      metric = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", stat = "Maximum", dimensions = { QueueName = "${local.name}-events" } }
      period = 60, periods = 5, datapoints = 3, above = var.alarms.queue_age_seconds
    }
    "queue-near-retention" = {
      means  = "Events have waited for half of the main queue's retention."
      anchor = "messages-near-their-retention"
      metric = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", stat = "Maximum", dimensions = { QueueName = "${local.name}-events" } }
      period = 300, periods = 1, datapoints = 1, above = floor(var.queue.retention_seconds / 2)
    }
  }

  consumer_alarms = {
    "clickhouse-out" = {
      means      = "The consumer cannot insert: ClickHouse is down, overloaded, unreachable or misconfigured."
      anchor     = "the-consumer-cannot-insert"
      expression = "FILL(outages, 0)"
      of         = { outages = { namespace = "Polo", name = "Outages", stat = "Sum", dimensions = { Env = var.env } } }
      period     = 60, periods = 5, datapoints = 3, above = 0
    }
    "consumer-errors" = {
      means  = "Invocations of the consumer fail: an outage, a crash, a timeout or its settings."
      anchor = "the-consumer-fails"
      metric = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = { FunctionName = local.consumer_name } }
      period = 60, periods = 5, datapoints = 3, above = 0
    }
    "consumer-throttles" = {
      means  = "Lambda throttles the consumer: the account's concurrency is used up."
      anchor = "the-consumer-is-throttled"
      metric = { namespace = "AWS/Lambda", name = "Throttles", stat = "Sum", dimensions = { FunctionName = local.consumer_name } }
      period = 60, periods = 5, datapoints = 3, above = var.alarms.throttles_per_minute
    }
    "duplicates" = {
      means  = "More than ${var.alarms.duplicates_percent} percent of an hour's events are duplicates of others in the same batch."
      anchor = "many-duplicates"
      # Of a handful of events, one duplicate is a large share.
      expression = "IF(FILL(events, 0) > 1000, 100 * FILL(duplicates, 0) / FILL(events, 1), 0)"
      of = {
        duplicates = { namespace = "Polo", name = "Duplicates", stat = "Sum", dimensions = { Env = var.env } }
        events     = { namespace = "Polo", name = "Events", stat = "Sum", dimensions = { Env = var.env } }
      }
      period = 3600, periods = 1, datapoints = 1, above = var.alarms.duplicates_percent
    }
  }

  alerts_alarms = { for name, alarm in {
    # The dead man's. Without FILL CloudWatch would look for earlier periods before it takes
    # missing data as a fault.
    "alerts-stopped" = {
      means      = "No evaluation of alerts has finished for three intervals: nobody is told of anything."
      anchor     = "alerts-are-not-evaluated"
      expression = "FILL(runs, 0)"
      of         = { runs = { namespace = "Polo", name = "AlertRuns", stat = "Sum", dimensions = { Env = var.env } } }
      period     = local.alerts_period, periods = 3, datapoints = 3, below = 1
    }
    "alerts-evaluation-errors" = {
      means      = "An alert could not be evaluated in three intervals: whether it should fire is unknown."
      anchor     = "an-alert-cannot-be-evaluated"
      expression = "FILL(errors, 0)"
      of         = { errors = { namespace = "Polo", name = "AlertErrors", stat = "Sum", dimensions = { Env = var.env } } }
      period     = local.alerts_period, periods = 3, datapoints = 3, above = 0
    }
    "alerts-notifications-failed" = {
      means      = "Notifications of alerts were not sent: a channel refuses them or does not answer."
      anchor     = "notifications-are-not-sent"
      expression = "FILL(failed, 0)"
      of         = { failed = { namespace = "Polo", name = "NotificationsFailed", stat = "Sum", dimensions = { Env = var.env } } }
      period     = local.alerts_period, periods = 1, datapoints = 1, above = 0
    }
    "alerts-errors" = {
      means  = "Runs of the function of alerts fail: a crash, a timeout, its settings, ClickHouse or the queue."
      anchor = "the-function-of-alerts-fails"
      metric = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = { FunctionName = local.alerts_name } }
      # The next run goes on where a failed one stopped, so one alone is none.
      period = max(local.alerts_period, 300), periods = 3, datapoints = 2, above = 0
    }
    "alerts-throttles" = {
      means  = "Lambda throttles the function of alerts: its last run still runs, or its concurrency was taken away."
      anchor = "the-function-of-alerts-is-throttled"
      metric = { namespace = "AWS/Lambda", name = "Throttles", stat = "Sum", dimensions = { FunctionName = local.alerts_name } }
      period = max(local.alerts_period, 300), periods = 3, datapoints = 3, above = 0
    }
  } : name => alarm if var.alerts != null }
  alerts_period = try(var.alerts.interval, 5) * 60

  failure_alarms = {
    for reason, limit in var.alarms.failures_per_hour : "failures-${replace(reason, "_", "-")}" => {
      means      = "More than ${limit} events or messages in an hour went to the dead-letter queue as ${reason}."
      anchor     = "many-failures-of-one-reason"
      expression = "FILL(failures, 0)"
      of         = { failures = { namespace = "Polo", name = "DeadLettered", stat = "Sum", dimensions = { Env = var.env, Reason = reason } } }
      period     = 3600, periods = 1, datapoints = 1, above = limit
    }
  }

  collector_alarms = {
    "records-rejected" = {
      means  = "Collectors send more than ${var.alarms.rejected_per_hour} records an hour to the dead-letter queue."
      anchor = "collectors-reject-records"
      # For all sources together: the letters name theirs.
      expression = "SELECT SUM(Rejected) FROM SCHEMA(\"Polo\", Env, Source) WHERE Env = '${var.env}'"
      period     = 3600, periods = 1, datapoints = 1, above = var.alarms.rejected_per_hour
    }
    "schedules-dropped" = {
      means  = "EventBridge Scheduler gives up starting collectors, or the function of alerts."
      anchor = "collectors-are-not-started"
      metric = { namespace = "AWS/Scheduler", name = "InvocationDroppedCount", stat = "Sum", dimensions = { ScheduleGroup = local.name } }
      period = 300, periods = 1, datapoints = 1, above = 0
    }
  }

  # Collectors that are enabled.
  running = { for name, s in local.sources : name => s if s.enabled }

  event_alarms = {
    for name, s in local.running : "no-events-${s.slug}" => {
      means  = "The collector of ${name} has published nothing for three periods, not even that it ran."
      anchor = "no-events-from-a-collector"
      metric = { namespace = "Polo", name = "Events", stat = "Sum", dimensions = { Env = var.env, Source = name } }
      # A run may be at any moment of its period, so a single period may have none.
      period = s.period * 60, periods = 3, datapoints = 3, below = 1
    }
  }

  error_alarms = {
    for name, s in local.running : "collector-errors-${s.slug}" => {
      means  = "Runs of the collector of ${name} fail: a crash, a timeout, its settings, or nothing was readable."
      anchor = "a-collector-fails"
      metric = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = { FunctionName = "${local.name}-${s.slug}" } }
      # A failed run is retried once, and counts twice if that fails too.
      period = max(s.period * 60, 300), periods = 1, datapoints = 1, above = 1
    }
  }

  gap_alarms = {
    for name, s in local.running : "gaps-${s.slug}" => {
      means      = "The collector of ${name} has coverage gaps run after run: whether the resources in them still exist is unknown."
      anchor     = "coverage-gaps"
      expression = "FILL(gaps, 0)"
      of         = { gaps = { namespace = "Polo", name = "Gaps", stat = "Maximum", dimensions = { Env = var.env, Source = name } } }
      # A single failed run may be a throttle, but for a source that runs a few times a day one is enough.
      period = max(s.period * 60, 60), periods = s.period >= 480 ? 1 : 3, datapoints = s.period >= 480 ? 1 : 3, above = s.accepted_gaps
    }
  }

  payment_alarms = {
    for name, s in local.running : "paid-requests-${s.slug}" => {
      means      = "The collector of ${name} has spent more than ${var.alarms.paid_requests_usd_per_day} US dollars on requests in a day."
      anchor     = "paid-requests-over-budget"
      expression = "FILL(spent, 0)"
      of         = { spent = { namespace = "Polo", name = "PaidRequestsUSD", stat = "Sum", dimensions = { Env = var.env, Source = name } } }
      period     = 86400, periods = 1, datapoints = 1, above = var.alarms.paid_requests_usd_per_day
    } if s.kind.paid
  }
}

locals {
  webhook_alarms = { for name, alarm in {
    "webhooks-errors" = {
      means  = "Invocations of github-webhooks fail: it cannot publish, cannot read its secret, or does not start."
      anchor = "the-function-of-webhooks-fails"
      metric = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = { FunctionName = local.webhooks_name } }
      period = 60, periods = 5, datapoints = 3, above = 0
    }
    "webhooks-refused" = {
      means      = "More than ${var.alarms.rejected_per_hour} messages in an hour on the queue of webhooks are not signed with webhook_secret, or not as GitHub sends them."
      anchor     = "webhooks-are-refused"
      expression = "FILL(refused, 0)"
      of         = { refused = { namespace = "Polo", name = "Refused", stat = "Sum", dimensions = { Env = var.env, Source = "github.webhooks" } } }
      period     = 3600, periods = 1, datapoints = 1, above = var.alarms.rejected_per_hour
    }
    "webhooks-age" = {
      means  = "Deliveries wait on the queue of webhooks for more than ${var.alarms.queue_age_seconds} seconds."
      anchor = "the-function-of-webhooks-fails"
      metric = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", stat = "Maximum", dimensions = { QueueName = local.webhooks == null ? "" : element(split(":", local.webhooks.queue_arn), -1) } }
      period = 60, periods = 5, datapoints = 3, above = var.alarms.queue_age_seconds
    }
  } : name => alarm if local.webhooks != null }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${local.name}-${each.key}"
  alarm_description = "${each.value.means} ${var.runbook_url}#${each.value.anchor}"
  alarm_actions     = var.alarm_topic_arns
  ok_actions        = var.alarm_topic_arns

  comparison_operator = can(each.value.below) ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = can(each.value.below) ? each.value.below : each.value.above
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.datapoints
  # For alarms about silence, missing data is the fault. For others nothing was counted, so
  # nothing is wrong.
  treat_missing_data = can(each.value.below) ? "breaching" : "notBreaching"

  namespace   = try(each.value.metric.namespace, null)
  metric_name = try(each.value.metric.name, null)
  statistic   = try(each.value.metric.stat, null)
  dimensions  = try(each.value.metric.dimensions, null)
  period      = can(each.value.metric) ? each.value.period : null

  dynamic "metric_query" {
    for_each = can(each.value.expression) ? [each.value] : []
    content {
      id          = "value"
      label       = each.key
      expression  = metric_query.value.expression
      return_data = true
      # A query has its own period, an expression that of its metrics.
      period = can(metric_query.value.of) ? null : metric_query.value.period
    }
  }

  dynamic "metric_query" {
    for_each = try(each.value.of, {})
    content {
      id          = metric_query.key
      return_data = false
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        stat        = metric_query.value.stat
        dimensions  = metric_query.value.dimensions
        period      = each.value.period
      }
    }
  }

  tags = var.tags
}
