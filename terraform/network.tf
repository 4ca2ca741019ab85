locals {
  private_link = try(var.vpc.clickhouse_service, null) != null
  clickhouse   = { port = tonumber(split(":", split(",", var.clickhouse.addr)[0])[1]) }

  # The AWS services that the consumer and the function of alerts call from within the VPC.
  # Lambda itself transports logs and metrics.
  aws_endpoints = toset(try(var.vpc.aws_endpoints, false) ? concat(
    ["sqs"],
    local.password == null ? [] : [local.password.store],
    local.alerts_endpoints,
  ) : [])
  endpoint_ports = merge(
    length(local.aws_endpoints) > 0 ? { aws = 443 } : {},
    local.private_link ? { clickhouse = local.clickhouse.port } : {},
  )
}

resource "aws_security_group" "consumer" {
  count = var.vpc == null ? 0 : 1

  name        = local.consumer_name
  description = "Polo's consumer: nothing comes in."
  vpc_id      = var.vpc.vpc_id
  tags        = merge(var.tags, { Name = local.consumer_name })
}

resource "aws_security_group" "endpoints" {
  count = length(local.endpoint_ports) > 0 ? 1 : 0

  name        = "${local.name}-endpoints"
  description = "What Polo's consumer speaks to: only it comes in."
  vpc_id      = var.vpc.vpc_id
  tags        = merge(var.tags, { Name = "${local.name}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = local.endpoint_ports

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "From the consumer to ${each.key}."
  referenced_security_group_id = aws_security_group.consumer[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = local.endpoint_ports

  security_group_id            = aws_security_group.consumer[0].id
  description                  = "To ${each.key}."
  referenced_security_group_id = aws_security_group.endpoints[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "elsewhere" {
  for_each = { for e in try(var.vpc.egress, []) : "${e.cidr}:${e.port}" => e }

  security_group_id = aws_security_group.consumer[0].id
  description       = "To ${each.value.cidr}."
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# ClickHouse Cloud must allow this endpoint's id (output clickhouse_endpoint_id) before it
# answers. Until then it is an outage, and events wait.
resource "aws_vpc_endpoint" "clickhouse" {
  count = local.private_link ? 1 : 0

  vpc_id              = var.vpc.vpc_id
  service_name        = var.vpc.clickhouse_service
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.vpc.subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]
  private_dns_enabled = true
  tags                = merge(var.tags, { Name = "${local.name}-clickhouse" })
}

resource "aws_vpc_endpoint" "aws" {
  for_each = local.aws_endpoints

  vpc_id              = var.vpc.vpc_id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.vpc.subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]
  private_dns_enabled = true
  tags                = merge(var.tags, { Name = "${local.name}-${each.key}" })
}
