# The function of alerts is in the VPC, too, if ClickHouse is reached from there.

locals {
  alerts_in_vpc = var.alerts != null && var.vpc != null

  # Of the services that it calls those that have endpoints; lists, whose length is known
  # before their ARNs are. SES's API may have none in a region.
  alerts_endpoints = local.alerts_in_vpc ? concat(["secretsmanager", "sqs", "ssm"], length(var.alerts.sns_topic_arns) > 0 ? ["sns"] : []) : []

  alerts_egress = local.alerts_in_vpc ? { for e in concat(var.vpc.egress, var.alerts.egress) : "${e.cidr}:${e.port}" => e... } : {}
}

resource "aws_security_group" "alerts" {
  count = local.alerts_in_vpc ? 1 : 0

  name        = local.alerts_name
  description = "Polo's function of alerts: nothing comes in."
  vpc_id      = var.vpc.vpc_id
  tags        = merge(var.tags, { Name = local.alerts_name })
}

resource "aws_vpc_security_group_ingress_rule" "alerts" {
  for_each = local.alerts_in_vpc ? local.endpoint_ports : {}

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "From the function of alerts to ${each.key}."
  referenced_security_group_id = aws_security_group.alerts[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "alerts" {
  for_each = local.alerts_in_vpc ? local.endpoint_ports : {}

  security_group_id            = aws_security_group.alerts[0].id
  description                  = "To ${each.key}."
  referenced_security_group_id = aws_security_group.endpoints[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "alerts_elsewhere" {
  for_each = local.alerts_egress

  security_group_id = aws_security_group.alerts[0].id
  description       = "To ${each.value[0].cidr}."
  cidr_ipv4         = each.value[0].cidr
  ip_protocol       = "tcp"
  from_port         = each.value[0].port
  to_port           = each.value[0].port
}
