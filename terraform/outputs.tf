output "queue_url" {
  description = "The main queue's URL: --queue of dlq-replay."
  value       = aws_sqs_queue.events.url
}

output "dead_letter_queue_url" {
  description = "The dead-letter queue's URL: --dlq of dlq-replay."
  value       = aws_sqs_queue.dead_letters.url
}

output "consumer_function" {
  description = "The name of the consumer's function."
  value       = aws_lambda_function.consumer.function_name
}

output "alerts_function" {
  description = "The name of the function of alerts; null without it."
  value       = one(aws_lambda_function.alerts[*].function_name)
}

output "collector_functions" {
  description = "The name of each source's function."
  value       = { for name, f in aws_lambda_function.collector : name => f.function_name }
}

output "webhooks_function" {
  description = "The name of the function of GitHub's webhooks; null without it."
  value       = one(aws_lambda_function.webhooks[*].function_name)
}

output "read_role_name" {
  description = "The role that every account to be read must have: modules/read-role and modules/read-role-stackset create it."
  value       = local.read_role
}

output "alarm_names" {
  description = "The names of all alarms."
  value       = sort([for a in aws_cloudwatch_metric_alarm.this : a.alarm_name])
}

output "dashboard_name" {
  description = "The dashboard's name."
  value       = aws_cloudwatch_dashboard.polo.dashboard_name
}

output "consumer_security_group_id" {
  description = "The consumer's security group, to be allowed where it connects to; null without a vpc."
  value       = one(aws_security_group.consumer[*].id)
}

output "clickhouse_endpoint_id" {
  description = "The endpoint that ClickHouse Cloud must allow; null without PrivateLink."
  value       = one(aws_vpc_endpoint.clickhouse[*].id)
}
