locals {
  sources = var.sources == null ? keys(local.actions) : tolist(var.sources)
  # The views of Cost Explorer call what the primary one does.
  known = toset([for s in local.sources : startswith(s, "aws.cost_explorer.") ? "aws.cost_explorer" : s])

  reading = sort(distinct(concat(flatten([for s in local.known : local.actions[s]]), var.organization ? local.organization_actions : [])))
  # Statements of one service each are read and compared more easily than one of all.
  services = distinct([for a in local.reading : split(":", a)[0]])

  bills     = contains(local.known, "aws.cur") ? var.bills : []
  bill_keys = distinct([for b in local.bills : b.kms_key_arn if b.kms_key_arn != null])

  statements = concat(
    # These calls list, or describe what a list named: none of them can be bound to
    # resources that are known beforehand.
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
  description = "The statements of the policy, none if the sources read nothing by themselves."
  value       = local.statements
}

output "empty" {
  description = "Whether there is nothing to allow."
  # Not by the statements, of which a key that is made in the same run makes an unknown number.
  value = length(local.reading) + length(local.bills) == 0
}

output "json" {
  description = "The policy; a policy without a statement is none that IAM takes: see empty."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
