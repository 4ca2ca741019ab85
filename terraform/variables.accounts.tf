# Which accounts are read, and how.

variable "accounts" {
  description = "The accounts to read, as a list: id, name, and the account's role (its purpose). Empty if organization is set."
  type = list(object({
    id   = string
    name = optional(string, "")
    role = optional(string, "")
  }))
  default = []

  validation {
    condition     = alltrue([for a in var.accounts : can(regex("^[0-9]{12}$", a.id))])
    error_message = "accounts: an account's id is 12 digits, in quotes."
  }

  validation {
    condition     = length(distinct(var.accounts[*].id)) == length(var.accounts)
    error_message = "accounts: one is listed twice."
  }

  validation {
    condition     = alltrue([for a in var.accounts : !can(regex("[,:\\r\\n]", "${a.name}${a.role}"))])
    error_message = "accounts: name and role have no comma, colon or line break."
  }

  validation {
    condition     = (length(var.accounts) == 0) != (var.organization == null)
    error_message = "Either accounts lists what to read, or organization is set."
  }
}

variable "organization" {
  description = "Reads all accounts of the AWS Organization. account_id is the management account or a delegated administrator, whose read role lists the accounts; without it, the collectors' own credentials do, which must belong to such an account."
  type        = object({ account_id = optional(string) })
  default     = null

  validation {
    condition     = var.organization == null || try(var.organization.account_id == null, true) || can(regex("^[0-9]{12}$", var.organization.account_id))
    error_message = "organization: account_id is 12 digits, in quotes."
  }
}

variable "account_roles" {
  description = "The accounts' roles by id. They take precedence over accounts and over an account's tags."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id, role in var.account_roles : can(regex("^[0-9]{12}$", id)) && can(regex("^[^,\\r\\n]+$", role))])
    error_message = "account_roles: keys are ids of 12 digits, and no value is empty or has a comma or a line break."
  }
}

variable "read_own_account" {
  description = "Whether each collector reads the account that this is deployed to with its own role instead of an assumed read role."
  type        = bool
  default     = false
}

variable "regions" {
  description = "The regions to read; empty: the region that this is deployed to."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for r in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", r))])
    error_message = "regions are names such as eu-west-1."
  }
}

variable "read_role_name" {
  description = "The read role's name in the accounts, with its path if it has one; null: {env}-PoloReadRole."
  type        = string
  default     = null

  validation {
    condition     = var.read_role_name == null || can(regex("^([\\w+=,.@-]+/)*[\\w+=,.@-]{1,64}$", var.read_role_name))
    error_message = "read_role_name is a role's name, with its path before it if it has one, and no slash at its beginning."
  }
}

variable "external_id" {
  description = "The external id that the read roles' trust policies require; null: none."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null || try(length(var.external_id) >= 2 && length(var.external_id) <= 1224, false) && can(regex("^[\\w+=,.@:/-]+$", var.external_id))
    error_message = "external_id is 2 to 1224 letters, digits and any of _+=,.@:/-."
  }
}
