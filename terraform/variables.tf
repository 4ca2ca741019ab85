# Settings of every deployment.

variable "env" {
  description = "The deployment's name, such as prod: everything is named {env}-polo-..., and the read role {env}-PoloReadRole."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.env))
    error_message = "env is 20 lower-case letters, digits and dashes at most, and begins with a letter."
  }
}

variable "artifacts" {
  description = "Where the functions' zips NAME-ARCH.zip are: in a local folder, or in a bucket under a prefix. The prefix should name the release, such as polo/v1.4.0: Terraform does not notice a zip that changes under the same key."
  type = object({
    folder    = optional(string)
    s3_bucket = optional(string)
    s3_prefix = optional(string, "")
  })

  validation {
    condition     = (var.artifacts.folder == null) != (var.artifacts.s3_bucket == null)
    error_message = "artifacts has either a folder or an s3_bucket."
  }

  validation {
    condition     = !can(regex("^/|/$", var.artifacts.s3_prefix))
    error_message = "artifacts: s3_prefix neither begins nor ends with a slash."
  }
}

variable "architecture" {
  description = "The functions' CPU architecture. arm64 costs a fifth less."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "sources" {
  description = <<-EOT
    The collectors, by the name of their source, as "polo collect --list" prints it; aws.cost_explorer.VIEW for the
    views of cost_explorer. {} means the defaults:
    period_minutes    the interval between runs; the source's default
    lookback_minutes  how much further back each run reads; the source's default
    timeout_seconds   900, Lambda's maximum
    memory_mb         512, 2048 for bills; 1769 is one whole CPU
    budget_usd        the most that the paid requests of one run may cost; no bound
    accepted_gaps     how many gaps a run may have without an alarm, for known gaps that stay
    enabled           false keeps the function and stops its schedule
  EOT
  type = map(object({
    period_minutes   = optional(number)
    lookback_minutes = optional(number)
    timeout_seconds  = optional(number, 900)
    memory_mb        = optional(number)
    budget_usd       = optional(number)
    accepted_gaps    = optional(number, 0)
    enabled          = optional(bool, true)
  }))

  validation {
    condition     = alltrue([for name in keys(var.sources) : contains(keys(local.catalogue), name) || can(regex("^aws\\.cost_explorer\\.[a-z][a-z0-9_]{0,19}$", name))])
    error_message = "sources holds an unknown name. The names are those of \"polo collect --list\", and aws.cost_explorer.VIEW with a view's name of 20 characters at most."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : s.period_minutes == null || try(s.period_minutes >= 1 && s.period_minutes <= 1440 && floor(s.period_minutes) == s.period_minutes, false)])
    error_message = "sources: period_minutes is a whole number from 1 to 1440, a day: alarms cannot look at longer periods."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : s.lookback_minutes == null || try(s.lookback_minutes >= 0 && floor(s.lookback_minutes) == s.lookback_minutes, false)])
    error_message = "sources: lookback_minutes is a whole number, 0 or more."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : s.timeout_seconds >= 60 && s.timeout_seconds <= 900])
    error_message = "sources: timeout_seconds is from 60 to 900. A run keeps 20 seconds of it for publishing."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : s.memory_mb == null || try(s.memory_mb >= 128 && s.memory_mb <= 10240, false)])
    error_message = "sources: memory_mb is from 128 to 10240."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : s.budget_usd == null || try(s.budget_usd >= 0.000001 && s.budget_usd <= 1000000000, false)])
    error_message = "sources: budget_usd is from 0.000001 to 1000000000. To spend nothing, leave the source out."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : s.accepted_gaps >= 0])
    error_message = "sources: accepted_gaps is 0 or more."
  }
}

variable "tags" {
  description = "Tags of every resource that can have them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k, v in var.tags : length(k) <= 128 && length(v) <= 256 && !startswith(k, "aws:")])
    error_message = "tags: keys have 128 characters at most and do not begin with aws:, values have 256."
  }
}
