# {env}-PoloReadRole in every account of an organisation's units, by a CloudFormation
# StackSet. StackSets skip the management account: use the module read-role there.

data "aws_region" "current" {}

module "policy" {
  source = "../read-policy"

  sources   = var.sources
  partition = data.aws_partition.current.partition
}

locals {
  partition = data.aws_partition.current.partition
  name      = coalesce(var.name, "${var.env}-PoloReadRole")
  # The only attribute with the region's name in both provider 5 and 6.
  region = data.aws_region.current.id

  template = {
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "The role that Polo (${var.env}) reads this account with. It can change nothing."
    Resources = {
      ReadRole = {
        Type = "AWS::IAM::Role"
        Properties = merge(
          {
            RoleName           = local.name
            Description        = "Polo (${var.env}) reads this account's inventory, activity, metrics and costs with it."
            MaxSessionDuration = 3600
            AssumeRolePolicyDocument = {
              Version = "2012-10-17"
              Statement = [{
                Sid       = "PoloCollectors"
                Effect    = "Allow"
                Action    = "sts:AssumeRole"
                Principal = { AWS = "arn:${local.partition}:iam::${var.collector_account_id}:root" }
                Condition = merge(
                  { ArnLike = { "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.collector_account_id}:role/${var.env}-polo-*" } },
                  var.external_id == null ? {} : { StringEquals = { "sts:ExternalId" = var.external_id } },
                )
              }]
            }
          },
          module.policy.empty ? {} : {
            Policies = [{
              PolicyName     = "read"
              PolicyDocument = { Version = "2012-10-17", Statement = module.policy.statements }
            }]
          },
        )
      }
    }
    Outputs = { RoleArn = { Value = { "Fn::GetAtt" = ["ReadRole", "Arn"] } } }
  }
}

resource "aws_cloudformation_stack_set" "read" {
  name             = "${var.env}-polo-read-role"
  description      = "The role with which Polo (${var.env}) reads accounts."
  permission_model = "SERVICE_MANAGED"
  call_as          = var.delegated_administrator ? "DELEGATED_ADMIN" : "SELF"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = jsonencode(local.template)
  tags             = var.tags

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
  }

  lifecycle {
    # CloudFormation sets it for a service-managed StackSet.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "units" {
  count = length(var.organizational_unit_ids) == 0 ? 0 : 1

  stack_set_name = aws_cloudformation_stack_set.read.name
  call_as        = var.delegated_administrator ? "DELEGATED_ADMIN" : "SELF"
  # IAM is global: one region is enough.
  region = local.region

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
  }
}
