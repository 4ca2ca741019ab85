locals {
  sources = var.sources == null ? keys(local.actions) : tolist(var.sources)
  # The views of Cost Explorer make the same calls as the primary one.
  known = toset([for s in local.sources : startswith(s, "aws.cost_explorer.") ? "aws.cost_explorer" : s])

  reading = sort(distinct(concat(flatten([for s in local.known : local.actions[s]]), var.organization ? local.organization_actions : [])))
  # One statement for each service is easier to read and compare than one for all.
  services = distinct([for a in local.reading : split(":", a)[0]])

  bills     = contains(local.known, "aws.cur") ? var.bills : []
  bill_keys = distinct([for b in local.bills : b.kms_key_arn if b.kms_key_arn != null])

  statements = concat(
    # These calls list, or describe what a list named: none of them can be limited to
    # resources known beforehand.
    [for service in local.services : {
      Sid      = "Read${replace(title(replace(service, "-", " ")), " ", "")}"
      Effect   = "Allow"
      Action   = [for a in local.reading : a if split(":", a)[0] == service]
      Resource = ["*"]
    }],
    length(local.bills) == 0 ? [] : [
      {
        Sid      = "ListBills"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = distinct([for b in local.bills : "arn:${var.partition}:s3:::${b.bucket}"])
      },
      {
        Sid      = "ReadBills"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = distinct([for b in local.bills : "arn:${var.partition}:s3:::${b.bucket}/${b.prefix}*"])
      },
    ],
    length(local.bill_keys) == 0 ? [] : [{
      Sid      = "DecryptBills"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = local.bill_keys
    }],
  )
}

output "statements" {
  description = "The statements of the policy; none if the sources make no calls of their own."
  value       = local.statements
}

output "empty" {
  description = "Whether the policy has no statement."
  # Not by the statements, whose number is unknown if a key is created in the same run.
  value = length(local.reading) + length(local.bills) == 0
}

output "json" {
  description = "The policy. IAM refuses one without a statement: see empty."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
