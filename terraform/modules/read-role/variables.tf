variable "env" {
  description = "The deployment that uses the role; its name begins the role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.env))
    error_message = "env is 20 lower-case letters, digits and dashes at most, and begins with a letter."
  }
}

variable "collector_account_id" {
  description = "The account that the collectors run in, and assume the role from."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.collector_account_id))
    error_message = "collector_account_id is an account id: 12 digits."
  }
}

variable "external_id" {
  description = "The external id that is required to assume the role: the deployment's external_id. null: none."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null || try(length(var.external_id) >= 2 && length(var.external_id) <= 1224, false) && can(regex("^[\\w+=,.@:/-]+$", var.external_id))
    error_message = "external_id is 2 to 1224 letters, digits and any of _+=,.@:/-."
  }
}

variable "name" {
  description = "The role's name; null: {env}-PoloReadRole, which the collectors expect by default."
  type        = string
  default     = null

  validation {
    condition     = var.name == null || can(regex("^[\\w+=,.@-]{1,64}$", var.name))
    error_message = "name is 1 to 64 letters, digits and any of _+=,.@-, without a path."
  }
}

variable "sources" {
  description = "The sources that the role allows, by name, such as aws.ec2: it allows exactly what they call. null means all."
  type        = set(string)
  default     = null

  validation {
    condition     = var.sources == null || alltrue([for s in coalesce(var.sources, []) : can(regex("^aws\\.[a-z0-9_]+(\\.[a-z][a-z0-9_]{0,19})?$", s))])
    error_message = "sources are names as \"polo collect --list\" tells them, such as aws.ec2."
  }
}

variable "organization" {
  description = "Whether the role may list the accounts of the AWS Organization: in the management account or a delegated administrator."
  type        = bool
  default     = false
}

variable "bills" {
  description = "Where the bills that aws.cur reads with this account's role are: buckets, the prefix in each, and the KMS key that encrypts them, if any."
  type = list(object({
    bucket      = string
    prefix      = optional(string, "")
    kms_key_arn = optional(string)
  }))
  default = []

  validation {
    condition     = alltrue([for b in var.bills : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", b.bucket))])
    error_message = "bills: bucket is the bucket's name alone, without s3:// and prefix."
  }
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of the role, if the account requires one."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of an IAM policy."
  }
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k, v in var.tags : length(k) <= 128 && length(v) <= 256 && !startswith(k, "aws:")])
    error_message = "tags: keys have 128 characters at most and do not begin with aws:, values have 256."
  }
}
