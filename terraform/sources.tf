locals {
  # All sources: the zip of each, and its default period. integration/terraform compares this
  # with producers/registry.
  catalogue = merge(
    { for service in local.inventory : "aws.${service}" => { zip = "inventory", period = 60, memory = 512, paid = false } },
    {
      "aws.cloudtrail"           = { zip = "cloudtrail", period = 15, memory = 512, paid = false }
      "aws.cloudwatch"           = { zip = "cloudwatch", period = 15, memory = 512, paid = true }
      "aws.cost_explorer"        = { zip = "costexplorer", period = 480, memory = 512, paid = true }
      "aws.cost_explorer.hourly" = { zip = "costexplorer", period = 480, memory = 512, paid = true }
      "aws.cur"                  = { zip = "cur", period = 480, memory = 2048, paid = false }
      "aws.organizations"        = { zip = "organizations", period = 1440, memory = 512, paid = false }
      "cloudflare.audit"         = { zip = "cloudflare", period = 60, memory = 256, paid = false }
      "cloudflare.billing"       = { zip = "cloudflare", period = 1440, memory = 256, paid = false }
      "cloudflare.inventory"     = { zip = "cloudflare", period = 360, memory = 256, paid = false }
      "datadog.attribution"      = { zip = "datadog", period = 1440, memory = 256, paid = false }
      "datadog.audit"            = { zip = "datadog", period = 60, memory = 256, paid = false }
      "datadog.billing"          = { zip = "datadog", period = 480, memory = 256, paid = false }
      "datadog.inventory"        = { zip = "datadog", period = 360, memory = 256, paid = false }
      "datadog.usage"            = { zip = "datadog", period = 1440, memory = 256, paid = false }
      "github.audit"             = { zip = "github", period = 15, memory = 256, paid = false }
      "github.billing"           = { zip = "github", period = 480, memory = 256, paid = false }
      "github.inventory"         = { zip = "github", period = 60, memory = 256, paid = false }
    },
  )

  # Services whose inventory one zip reads.
  inventory = [
    "acm", "autoscaling", "cloudfront", "dynamodb", "ec2", "ecr", "ecs", "eks", "elasticache", "elasticfilesystem",
    "elasticloadbalancing", "iam", "kms", "lambda", "logs", "rds", "redshift", "route53", "s3", "secretsmanager", "sns", "sqs",
    "tagging",
  ]

  # The collectors of this deployment. A view of Cost Explorer is like the primary one.
  sources = {
    for name, s in var.sources : name => merge(s, {
      kind   = try(local.catalogue[name], local.catalogue["aws.cost_explorer"])
      period = coalesce(s.period_minutes, try(local.catalogue[name], local.catalogue["aws.cost_explorer"]).period)
      # For resource names: dots are not allowed everywhere.
      slug     = replace(name, ".", "-")
      platform = split(".", name)[0]
    })
  }
}
