locals {
  polo = {
    for name in [
      "Events", "Inserted", "Duplicates", "DeadLettered", "InsertMilliseconds", "LagSeconds", "Retries", "Outages",
      "AlertRuns", "AlertRunsYielded", "AlertErrors", "AlertsOpen", "NotificationsSent", "NotificationsFailed",
    ] :
    name => ["Polo", name, "Env", var.env]
  }
  # All collectors, one line each.
  by_source = {
    for name in ["Events", "Rejected", "Gaps", "Throttles", "PaidRequestsUSD"] :
    name => [{ expression = "SEARCH('{Polo,Env,Source} Env=\"${var.env}\" MetricName=\"${name}\"', 'Sum')", id = "e", label = "$${PROP('Dim.Source')}" }]
  }

  # Read from the collectors' logs: as metrics these would cost more than they are worth.
  logs = join(" | ", concat(
    [for s in values(local.sources) : "SOURCE '/aws/lambda/${local.name}-${s.slug}'"],
    ["filter ispresent(Source)", "stats sum(Requests) as requests, sum(PaidRequests) as paid, sum(Throttles) as throttled, sum(Completions) as read_to_their_end by Source", "sort requests desc"],
  ))

  widgets = [
    { title = "Is anything wrong?", width = 24, height = 6, alarms = true },

    { title = "Dead letters", stat = "Maximum", metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${local.name}-events-dlq"]] },
    { title = "Main queue: messages", stat = "Maximum", metrics = [
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${local.name}-events", { label = "waiting" }],
      ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", "${local.name}-events", { label = "in flight" }],
    ] },
    { title = "Main queue: age of the oldest message, s", stat = "Maximum", metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "${local.name}-events"]] },

    { title = "Events", stat = "Sum", metrics = [local.polo["Events"], local.polo["Inserted"], local.polo["Duplicates"], local.polo["DeadLettered"]] },
    { title = "Failures by reason", stat = "Sum", metrics = [[{ expression = "SEARCH('{Polo,Env,Reason} Env=\"${var.env}\" MetricName=\"DeadLettered\"', 'Sum')", id = "e", label = "$${PROP('Dim.Reason')}" }]] },
    { title = "Inserts, ms", stat = "p99", metrics = [concat(local.polo["InsertMilliseconds"], [{ stat = "p50" }]), local.polo["InsertMilliseconds"]] },

    { title = "ClickHouse outages, insert retries", stat = "Sum", metrics = [local.polo["Outages"], local.polo["Retries"]] },
    { title = "Lag from an event to its row, s", stat = "p99", metrics = [concat(local.polo["LagSeconds"], [{ stat = "p50" }]), local.polo["LagSeconds"]] },
    { title = "Consumer", stat = "Sum", metrics = [
      ["AWS/Lambda", "Invocations", "FunctionName", local.consumer_name], ["AWS/Lambda", "Errors", "FunctionName", local.consumer_name],
      ["AWS/Lambda", "Throttles", "FunctionName", local.consumer_name],
      ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", local.consumer_name, { stat = "Maximum" }],
    ] },

    { title = "Events by source", metrics = [local.by_source["Events"]] },
    { title = "Coverage gaps by source", metrics = [local.by_source["Gaps"]] },
    { title = "Records rejected by source", metrics = [local.by_source["Rejected"]] },

    { title = "Requests and completions by source (from the logs)", query = local.logs },
    { title = "Throttles by source", metrics = [local.by_source["Throttles"]] },
    { title = "Paid requests by source, US dollars", metrics = [local.by_source["PaidRequestsUSD"]] },

    { title = "Collectors: errors", width = 12, metrics = [[{ expression = "SEARCH('{AWS/Lambda,FunctionName} MetricName=\"Errors\" ${local.name}-aws', 'Sum')", id = "e" }]] },
    { title = "Collectors: duration, ms", width = 12, metrics = [[{ expression = "SEARCH('{AWS/Lambda,FunctionName} MetricName=\"Duration\" ${local.name}-aws', 'Maximum')", id = "e" }]] },
  ]

  alerts_widgets = [for w in [
    { title = "Alerts: evaluations", stat = "Sum", metrics = [local.polo["AlertRuns"], local.polo["AlertRunsYielded"], local.polo["AlertErrors"]] },
    { title = "Alerts: open", stat = "Maximum", metrics = [local.polo["AlertsOpen"]] },
    { title = "Alerts: notifications", stat = "Sum", metrics = [local.polo["NotificationsSent"], local.polo["NotificationsFailed"]] },
  ] : w if var.alerts != null]
}

resource "aws_cloudwatch_dashboard" "polo" {
  dashboard_name = local.name
  dashboard_body = jsonencode({
    start          = "-PT12H"
    periodOverride = "inherit"
    widgets = concat(
      [{
        type       = "text", width = 24, height = 2
        properties = { markdown = "# Polo, ${var.env}\n[What to do when something is wrong](${var.runbook_url})" }
      }],
      [for w in concat(local.widgets, local.alerts_widgets) : {
        type   = can(w.alarms) ? "alarm" : can(w.query) ? "log" : "metric"
        width  = try(w.width, 8)
        height = try(w.height, 6)
        properties = { for k, v in {
          title   = w.title
          alarms  = can(w.alarms) ? jsonencode([for a in aws_cloudwatch_metric_alarm.this : a.arn]) : null
          query   = try(w.query, null)
          metrics = can(w.metrics) ? jsonencode(w.metrics) : null
          stat    = can(w.metrics) ? try(w.stat, "Sum") : null
          region  = can(w.alarms) ? null : local.region
          view    = can(w.metrics) ? "timeSeries" : can(w.query) ? "table" : null
          period  = can(w.metrics) ? "300" : null
        } : k => try(jsondecode(v), v) if v != null }
      }],
    )
  })
}
