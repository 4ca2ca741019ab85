# Settings of single sources.

variable "identity" {
  description = "The tag keys that identify a resource's owner; the first one present wins. null: producers.DefaultIdentity's."
  type = object({
    customer = optional(list(string))
    cluster  = optional(list(string))
    index    = optional(list(string))
  })
  default = {}

  validation {
    condition     = alltrue([for tags in values(var.identity) : tags == null || try(alltrue([for t in tags : length(t) > 0 && length(t) <= 128]), false)])
    error_message = "identity: each is a list of tag keys, of 1 to 128 characters."
  }
}

variable "bills" {
  description = "The reports that aws.cur reads: the payer whose read role reads the bucket, the bucket and its region, and the report's prefix and name. Without name it reads every report under prefix."
  type = list(object({
    account_id    = string
    bucket        = string
    bucket_region = string
    prefix        = optional(string, "")
    name          = optional(string, "")
    kms_key_arn   = optional(string)
  }))
  default = []

  validation {
    condition     = alltrue([for b in var.bills : can(regex("^[0-9]{12}$", b.account_id))])
    error_message = "bills: account_id is 12 digits, in quotes."
  }

  validation {
    condition     = alltrue([for b in var.bills : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", b.bucket)) && can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", b.bucket_region))])
    error_message = "bills: bucket is the bucket's name alone, and bucket_region a name such as eu-west-1."
  }

  validation {
    condition     = alltrue([for b in var.bills : !can(regex("^/|[*?]", b.prefix))])
    error_message = "bills: prefix is as in the bucket: no slash before it, no wildcards."
  }

  validation {
    condition     = alltrue([for b in var.bills : b.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", b.kms_key_arn))])
    error_message = "bills: kms_key_arn is the ARN of a key, not of an alias."
  }

  validation {
    condition     = contains(keys(var.sources), "aws.cur") == (length(var.bills) > 0)
    error_message = "bills and the source aws.cur go together."
  }
}

variable "metrics" {
  description = "The metrics that aws.cloudwatch reads. * in a dimension's value matches any text; period and lookback are in seconds. Every requested sample costs money."
  type = list(object({
    namespace  = string
    metric     = string
    dimensions = optional(map(string), {})
    stats      = list(string)
    period     = optional(number, 300)
    unit       = optional(string, "")
    lookback   = optional(number, 0)
  }))
  default = []

  validation {
    condition     = alltrue([for m in var.metrics : length(m.namespace) > 0 && length(m.metric) > 0 && length(m.stats) > 0 && alltrue([for s in m.stats : length(s) > 0])])
    error_message = "metrics: each has a namespace, a metric and at least one of stats."
  }

  validation {
    condition     = alltrue([for m in var.metrics : length(m.dimensions) <= 30 && alltrue([for k, v in m.dimensions : length(k) > 0 && length(v) > 0])])
    error_message = "metrics: a metric has 30 dimensions at most, each with a name and a value."
  }

  validation {
    condition     = alltrue([for m in var.metrics : contains([1, 5, 10, 20, 30], m.period) || m.period >= 60 && m.period % 60 == 0 && m.period <= 5184000])
    error_message = "metrics: period is 1, 5, 10, 20 or 30 seconds, or whole minutes up to 60 days."
  }

  validation {
    condition     = alltrue([for m in var.metrics : m.lookback >= 0])
    error_message = "metrics: lookback is 0 or more seconds."
  }

  validation {
    condition     = contains(keys(var.sources), "aws.cloudwatch") == (length(var.metrics) > 0)
    error_message = "metrics and the source aws.cloudwatch go together."
  }
}

variable "cost_explorer" {
  description = "The requests to Cost Explorer: payers (none: discovered), metrics, the primary view's grouping, and further views, each of which is a source aws.cost_explorer.NAME. Groups are dimensions such as SERVICE, TAG:key or COST_CATEGORY:name."
  type = object({
    payers   = optional(list(string), [])
    region   = optional(string)
    metrics  = optional(list(string), [])
    group_by = optional(list(string))
    views = optional(list(object({
      name        = string
      granularity = optional(string, "DAILY")
      group_by    = optional(list(string), [])
    })), [])
  })
  default = {}

  validation {
    condition     = alltrue([for id in var.cost_explorer.payers : can(regex("^[0-9]{12}$", id))])
    error_message = "cost_explorer: payers are account ids: 12 digits, in quotes."
  }

  validation {
    condition     = alltrue([for v in var.cost_explorer.views : can(regex("^[a-z][a-z0-9_]{0,19}$", v.name))])
    error_message = "cost_explorer: a view's name is 20 lower-case letters, digits and _ at most, and begins with a letter."
  }

  validation {
    condition     = alltrue([for v in var.cost_explorer.views : contains(["DAILY", "HOURLY"], v.granularity)])
    error_message = "cost_explorer: a view's granularity is DAILY or HOURLY."
  }

  validation {
    condition = alltrue([for groups in concat([coalesce(var.cost_explorer.group_by, [])], var.cost_explorer.views[*].group_by) :
      length(groups) <= 2 && alltrue([for g in groups : can(regex("^([A-Z][A-Z_]{1,40}|(TAG|COST_CATEGORY):.+)$", g))])
    ])
    error_message = "cost_explorer: group_by has two groups at most, each a dimension such as SERVICE, or TAG: or COST_CATEGORY: and a key."
  }

  validation {
    condition = alltrue([for name in keys(var.sources) :
      !startswith(name, "aws.cost_explorer.") || name == "aws.cost_explorer.hourly" || contains(var.cost_explorer.views[*].name, trimprefix(name, "aws.cost_explorer."))
    ])
    error_message = "sources has a view that cost_explorer.views lacks."
  }
}

variable "github" {
  description = <<-EOT
    What the sources github.* read, without any AWS role:
    organisations  the logins of those that are read
    enterprise     the slug of the enterprise that pays for them, if one does: then github.billing reads its bill, with its cost centres
    api            https://api.SUBDOMAIN.ghe.com, or https://HOST/api/v3 of a GitHub Enterprise Server; null: GitHub's own
    secret         where its credential is: arn of a Secrets Manager secret or an SSM parameter, a JSON object with token, or with app_id, private_key and
                   perhaps installation_id of a GitHub App, and perhaps enterprise_token for the enterprise's bill alone; kms_key_arn, if a key of your own encrypts it
    webhooks       what waits for github-webhooks, if it is to run: queue_arn of the SQS queue of yours that deliveries are put on; kms_key_arn, if a key
                   of your own encrypts that queue. The secret has webhook_secret then
  EOT
  type = object({
    organisations = optional(list(string))
    enterprise    = optional(string)
    api           = optional(string)
    secret = object({
      arn         = string
      kms_key_arn = optional(string)
    })
    webhooks = optional(object({
      queue_arn   = string
      kms_key_arn = optional(string)
    }))
  })
  default = null

  validation {
    condition     = var.github == null || length(try(coalescelist(var.github.organisations), [])) > 0 || try(length(var.github.enterprise) > 0, false)
    error_message = "github: organisations, or enterprise, says what is read."
  }

  validation {
    condition     = var.github == null || alltrue([for name in concat(try(coalescelist(var.github.organisations), []), try(var.github.enterprise, null) == null ? [] : [var.github.enterprise]) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", name))])
    error_message = "github: organisations are logins, and enterprise is a slug."
  }

  validation {
    condition     = try(var.github.api, null) == null || can(regex("^https://[A-Za-z0-9.-]+\\.[A-Za-z0-9-]+(:[0-9]+)?(/api/v3)?/?$", var.github.api))
    error_message = "github: api is https://HOST or https://HOST/api/v3."
  }

  validation {
    condition     = length(try(coalescelist(var.github.organisations), [])) > 0 || !anytrue([for name in ["github.audit", "github.inventory"] : contains(keys(var.sources), name)])
    error_message = "github: github.audit and github.inventory read organisations."
  }

  validation {
    condition     = var.github == null || can(regex("^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+$", var.github.secret.arn))
    error_message = "github: secret.arn is the ARN of a Secrets Manager secret or of an SSM parameter."
  }

  validation {
    condition     = try(var.github.secret.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.github.secret.kms_key_arn))
    error_message = "github: secret.kms_key_arn is the ARN of a key, not of an alias."
  }

  validation {
    condition     = try(var.github.webhooks, null) == null || can(regex("^arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$", var.github.webhooks.queue_arn))
    error_message = "github: webhooks.queue_arn is the ARN of an SQS queue, and of no FIFO queue: there a message that fails holds up the others."
  }

  validation {
    condition     = try(var.github.webhooks, null) == null || !contains(["${var.env}-polo-events", "${var.env}-polo-events-dlq"], element(split(":", try(var.github.webhooks.queue_arn, "")), -1))
    error_message = "github: webhooks.queue_arn is a queue of its own, and none of Polo's."
  }

  validation {
    condition     = try(var.github.webhooks.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.github.webhooks.kms_key_arn))
    error_message = "github: webhooks.kms_key_arn is the ARN of a key, not of an alias."
  }

  validation {
    condition     = (anytrue([for name in keys(var.sources) : startswith(name, "github.")]) || try(var.github.webhooks, null) != null) == (var.github != null)
    error_message = "github and what reads it, such as the source github.billing or webhooks, go together."
  }
}

variable "cloudflare" {
  description = <<-EOT
    What the sources cloudflare.* read, without any AWS role:
    accounts       the ids of the accounts, of 32 digits and letters a to f
    prices         what a contract says that a plan costs: rate_plan (its id or public name), amount (in quotes), currency, frequency (weekly, monthly, quarterly
                   or yearly)
    fixed_fees     whether the fees of subscriptions are costs; null: they are
    billable_usage_path, billable_usage_info_path   where the billable usage of {account} is, if Cloudflare moved it; null: where its documentation says
    secret         where its token is: arn of a Secrets Manager secret or an SSM parameter, a JSON object with api_token; kms_key_arn, if a key of your own encrypts it
  EOT
  type = object({
    accounts = list(string)
    prices = optional(list(object({
      rate_plan = string
      amount    = string
      currency  = string
      frequency = string
    })))
    fixed_fees               = optional(bool)
    billable_usage_path      = optional(string)
    billable_usage_info_path = optional(string)
    secret = object({
      arn         = string
      kms_key_arn = optional(string)
    })
  })
  default = null

  validation {
    condition     = var.cloudflare == null || try(length(var.cloudflare.accounts) > 0 && alltrue([for id in var.cloudflare.accounts : can(regex("^[0-9a-f]{32}$", id))]), false)
    error_message = "cloudflare: accounts are ids, of 32 digits and letters a to f."
  }

  validation {
    condition = alltrue([for p in try(coalescelist(var.cloudflare.prices), []) : can(regex("^[0-9]+(\\.[0-9]+)?$", p.amount)) && can(regex("^[A-Z]{3}$", p.currency)) &&
    contains(["weekly", "monthly", "quarterly", "yearly"], p.frequency)])
    error_message = "cloudflare: a price has an amount such as \"200.50\", a currency such as USD, and a frequency: weekly, monthly, quarterly or yearly."
  }

  validation {
    condition     = alltrue([for path in [try(var.cloudflare.billable_usage_path, null), try(var.cloudflare.billable_usage_info_path, null)] : path == null || can(regex("^/.*\\{account\\}", path))])
    error_message = "cloudflare: a path begins with a slash and has {account} in it."
  }

  validation {
    condition     = var.cloudflare == null || can(regex("^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+$", var.cloudflare.secret.arn))
    error_message = "cloudflare: secret.arn is the ARN of a Secrets Manager secret or of an SSM parameter."
  }

  validation {
    condition     = try(var.cloudflare.secret.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.cloudflare.secret.kms_key_arn))
    error_message = "cloudflare: secret.kms_key_arn is the ARN of a key, not of an alias."
  }

  validation {
    condition     = anytrue([for name in keys(var.sources) : startswith(name, "cloudflare.")]) == (var.cloudflare != null)
    error_message = "cloudflare and the sources of its name, such as cloudflare.billing, go together."
  }
}

variable "datadog" {
  description = <<-EOT
    What the sources datadog.* read, without any AWS role:
    site           where the organisation is: datadoghq.com, us3.datadoghq.com, datadoghq.eu, ...
    organisation   the public id of the organisation that is billed
    secret         where its keys are: arn of a Secrets Manager secret or an SSM parameter, a JSON object with api_key and
                   application_key; kms_key_arn, if a key of your own encrypts it
  EOT
  type = object({
    site         = string
    organisation = string
    secret = object({
      arn         = string
      kms_key_arn = optional(string)
    })
  })
  default = null

  validation {
    condition     = var.datadog == null || contains(["datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com", "ap2.datadoghq.com", "uk1.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com"], try(var.datadog.site, ""))
    error_message = "datadog: site is one of Datadog's: datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, datadoghq.eu, ap1.datadoghq.com, ap2.datadoghq.com, uk1.datadoghq.com, ddog-gov.com, us2.ddog-gov.com."
  }

  validation {
    condition     = var.datadog == null || can(regex("^[a-z0-9]+$", var.datadog.organisation))
    error_message = "datadog: organisation is a public id, of lower-case letters and digits."
  }

  validation {
    condition     = var.datadog == null || can(regex("^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+$", var.datadog.secret.arn))
    error_message = "datadog: secret.arn is the ARN of a Secrets Manager secret or of an SSM parameter."
  }

  validation {
    condition     = try(var.datadog.secret.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.datadog.secret.kms_key_arn))
    error_message = "datadog: secret.kms_key_arn is the ARN of a key, not of an alias."
  }

  validation {
    condition     = anytrue([for name in keys(var.sources) : startswith(name, "datadog.")]) == (var.datadog != null)
    error_message = "datadog and the sources of its name, such as datadog.billing, go together."
  }
}
