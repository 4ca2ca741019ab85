# The read roles.

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
  env                  = "test"
  collector_account_id = "123456789012"
}

run "read_role" {
  command = plan

  module {
    source = "./modules/read-role"
  }

  variables {
    external_id = "polo-test"
    sources     = ["aws.ec2", "aws.cur"]
    bills       = [{ bucket = "bills", prefix = "cur/", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/bills" }]
  }

  assert {
    condition     = aws_iam_role.read.name == "test-PoloReadRole"
    error_message = "The role is not called {env}-PoloReadRole."
  }
  assert {
    condition = jsondecode(aws_iam_role.read.assume_role_policy).Statement == [{
      Sid       = "PoloCollectors"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/test-polo-*" }, StringEquals = { "sts:ExternalId" = "polo-test" } }
    }]
    error_message = "Others than the collectors may assume the role."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.read[0].policy).Statement : s.Resource if s.Action == ["s3:GetObject"]] == [["arn:aws:s3:::bills/cur/*"]]
    error_message = "The role reads other objects than the bills."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.read[0].policy, "iam:")
    error_message = "The role may do what sources need that are not among its own."
  }
}

run "read_role_of_sources_that_read_nothing" {
  command = plan

  module {
    source = "./modules/read-role"
  }

  variables {
    sources = ["aws.organizations"]
  }

  assert {
    condition     = length(aws_iam_role_policy.read) == 0
    error_message = "There is a policy without a statement, which IAM refuses."
  }
}

run "read_role_refuses" {
  command = plan

  module {
    source = "./modules/read-role"
  }

  variables {
    env                      = "Prod"
    collector_account_id     = "1"
    external_id              = "x"
    name                     = "polo/read"
    sources                  = ["ec2"]
    bills                    = [{ bucket = "s3://bills" }]
    permissions_boundary_arn = "boundary"
    tags                     = { "aws:mine" = "x" }
  }

  expect_failures = [
    var.env, var.collector_account_id, var.external_id, var.name, var.sources, var.bills, var.permissions_boundary_arn, var.tags,
  ]
}

run "stack_set" {
  command = plan

  module {
    source = "./modules/read-role-stackset"
  }

  variables {
    organizational_unit_ids = ["ou-abcd-12345678"]
    sources                 = ["aws.ec2"]
  }

  assert {
    condition     = aws_cloudformation_stack_set.read.permission_model == "SERVICE_MANAGED" && aws_cloudformation_stack_set.read.auto_deployment[0].enabled
    error_message = "Accounts that join later do not get the role."
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack_set.read.template_body).Resources.ReadRole.Properties.RoleName == "test-PoloReadRole"
    error_message = "The role is not called {env}-PoloReadRole."
  }
}

run "stack_set_without_units" {
  command = plan

  module {
    source = "./modules/read-role-stackset"
  }

  assert {
    condition     = length(aws_cloudformation_stack_set_instance.units) == 0
    error_message = "Accounts get the role though no unit is named."
  }
}

run "stack_set_refuses" {
  command = plan

  module {
    source = "./modules/read-role-stackset"
  }

  variables {
    env                     = "Prod"
    collector_account_id    = "1"
    external_id             = "x"
    name                    = "polo/read"
    sources                 = ["ec2"]
    organizational_unit_ids = ["everyone"]
    tags                    = { "aws:mine" = "x" }
  }

  expect_failures = [
    var.env, var.collector_account_id, var.external_id, var.name, var.sources, var.organizational_unit_ids, var.tags,
  ]
}

run "policy_refuses" {
  command = plan

  module {
    source = "./modules/read-policy"
  }

  variables {
    sources   = ["aws.nothing"]
    bills     = [{ bucket = "s3://bills" }]
    partition = "azure"
  }

  expect_failures = [var.sources, var.bills, var.partition]
}

run "policy_refuses_prefixes" {
  command = plan

  module {
    source = "./modules/read-policy"
  }

  variables {
    bills = [{ bucket = "bills", prefix = "cur/*" }]
  }

  expect_failures = [var.bills]
}

run "policy_refuses_aliases" {
  command = plan

  module {
    source = "./modules/read-policy"
  }

  variables {
    bills = [{ bucket = "bills", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:alias/bills" }]
  }

  expect_failures = [var.bills]
}
