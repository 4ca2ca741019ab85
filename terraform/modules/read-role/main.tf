# The role that the collectors assume to read an account. It can change nothing.

module "policy" {
  source = "../read-policy"

  sources      = var.sources
  organization = var.organization
  bills        = var.bills
  partition    = data.aws_partition.current.partition
}

resource "aws_iam_role" "read" {
  name        = coalesce(var.name, "${var.env}-PoloReadRole")
  description = "Polo (${var.env}) reads this account's inventory, activity, metrics and costs with it."

  # The session lasts an hour: more than a run, and IAM's minimum.
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [local.trust] })
  tags                 = var.tags
}

locals {
  trust = {
    Sid    = "PoloCollectors"
    Effect = "Allow"
    Action = "sts:AssumeRole"
    # A condition names the roles: IAM refuses a principal that does not exist yet, and does
    # not recognise one that is recreated.
    Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${var.collector_account_id}:root" }
    Condition = merge(
      { ArnLike = { "aws:PrincipalArn" = "arn:${data.aws_partition.current.partition}:iam::${var.collector_account_id}:role/${var.env}-polo-*" } },
      var.external_id == null ? {} : { StringEquals = { "sts:ExternalId" = var.external_id } },
    )
  }
}

resource "aws_iam_role_policy" "read" {
  count = module.policy.empty ? 0 : 1

  name   = "read"
  role   = aws_iam_role.read.name
  policy = module.policy.json
}
