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

variable "organizational_unit_ids" {
  description = "The units, or the root, whose accounts get the role, later ones included. Empty: only the template is created."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.organizational_unit_ids : can(regex("^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$", id))])
    error_message = "organizational_unit_ids are ids such as ou-abcd-12345678 or r-abcd."
  }
}

variable "delegated_administrator" {
  description = "Whether this runs in a delegated administrator account of StackSets instead of the management account."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of the StackSet; CloudFormation also gives them to the roles."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k, v in var.tags : length(k) <= 128 && length(v) <= 256 && !startswith(k, "aws:")])
    error_message = "tags: keys have 128 characters at most and do not begin with aws:, values have 256."
  }
}
