# What evaluates the alerts.

variable "alerts" {
  description = <<-EOT
    The function that evaluates alerts, and tells who is to know; null: none.
    config                the JSON of channels, routes and parameters, such as file("alerts.json"): 8 KB at most. It is no secret: it
                          names fields of the secret
    secret_arn            where the channels' fields are: a Secrets Manager secret or an SSM parameter, a JSON object; null: no channel
                          needs any
    interval              minutes between two evaluations, 5. A run may take 4
    sns_topic_arns        the topics that it may publish to
    ses_identity_arns     the identities that it may send e-mail from
    clickhouse            the account that may only select: user, and password_secret_arn of a secret or a parameter with its password;
                          where it connects to is in the variable clickhouse
    secret_kms_key_arns   keys of your own that encrypt these secrets
    topic_kms_key_arns    keys of your own that encrypt these topics
    egress                with a vpc, what else it may connect to, such as Slack through a NAT: cidr and port
  EOT
  type = object({
    config            = string
    secret_arn        = optional(string)
    interval          = optional(number, 5)
    sns_topic_arns    = optional(list(string), [])
    ses_identity_arns = optional(list(string), [])
    clickhouse = object({
      user                = string
      password_secret_arn = string
    })
    secret_kms_key_arns = optional(list(string), [])
    topic_kms_key_arns  = optional(list(string), [])
    egress              = optional(list(object({ cidr = string, port = number })), [])
  })
  default = null

  validation {
    condition     = var.alerts == null || try(length(setsubtract(jsondecode(var.alerts.config).default, keys(jsondecode(var.alerts.config).channels))) == 0 && length(jsondecode(var.alerts.config).default) > 0, false)
    error_message = "alerts: config is a JSON object with channels, and a default that names one of them or more: what no route matches would be told to nobody."
  }

  validation {
    condition     = var.alerts == null || try(length(var.alerts.config) <= 8192, false)
    error_message = "alerts: config has more than the 8 KB that an SSM parameter holds."
  }

  validation {
    condition     = try(var.alerts.secret_arn, null) == null || can(regex("^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+$", var.alerts.secret_arn))
    error_message = "alerts: secret_arn is the ARN of a Secrets Manager secret or of an SSM parameter."
  }

  validation {
    condition     = var.alerts == null || try(var.alerts.interval >= 1 && var.alerts.interval <= 60 && floor(var.alerts.interval) == var.alerts.interval, false)
    error_message = "alerts: interval is a whole number of minutes from 1 to 60."
  }

  validation {
    condition     = alltrue([for arn in try(coalescelist(var.alerts.sns_topic_arns), []) : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[\\w-]+$", arn))])
    error_message = "alerts: sns_topic_arns are ARNs of SNS topics that are not FIFO."
  }

  validation {
    condition     = alltrue([for arn in try(coalescelist(var.alerts.ses_identity_arns), []) : can(regex("^arn:[a-z-]+:ses:[a-z0-9-]+:[0-9]{12}:identity/[^*]+$", arn))])
    error_message = "alerts: ses_identity_arns are ARNs of identities of SES, arn:aws:ses:REGION:ACCOUNT:identity/..., without wildcards."
  }

  validation {
    condition     = var.alerts == null || try(length(var.alerts.clickhouse.user) > 0 && var.alerts.clickhouse.user != var.clickhouse.user, false)
    error_message = "alerts: clickhouse.user is not empty, and not the consumer's, which may only insert."
  }

  validation {
    condition     = var.alerts == null || can(regex("^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+$", var.alerts.clickhouse.password_secret_arn))
    error_message = "alerts: clickhouse.password_secret_arn is the ARN of a Secrets Manager secret or of an SSM parameter."
  }

  validation {
    condition     = alltrue([for arn in try(concat(var.alerts.secret_kms_key_arns, var.alerts.topic_kms_key_arns), []) : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn))])
    error_message = "alerts: secret_kms_key_arns and topic_kms_key_arns are ARNs of keys, not of aliases."
  }

  validation {
    condition     = alltrue([for e in try(coalescelist(var.alerts.egress), []) : var.vpc != null && can(cidrnetmask(e.cidr)) && e.port >= 1 && e.port <= 65535])
    error_message = "alerts: egress has an IPv4 network such as 0.0.0.0/0 as cidr, and a port from 1 to 65535; and only a vpc needs any."
  }

  validation {
    condition     = var.alerts == null || var.consumer.window_seconds <= 30
    error_message = "alerts: consumer.window_seconds is at most 30: a run waits 75 seconds for its own events to arrive in ClickHouse."
  }
}
