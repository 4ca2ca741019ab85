variable "sources" {
  description = "The sources that the policy allows, by name, such as aws.ec2; null means all."
  type        = set(string)
  default     = null

  validation {
    condition     = var.sources == null || alltrue([for s in coalesce(var.sources, []) : contains(keys(local.actions), s) || can(regex("^aws\\.cost_explorer\\.[a-z][a-z0-9_]{0,19}$", s))])
    error_message = "sources holds an unknown name. The names are those of \"polo collect --list\", and aws.cost_explorer.VIEW."
  }
}

variable "organization" {
  description = "Whether to allow listing the accounts of the AWS Organization: in the management account or a delegated administrator."
  type        = bool
  default     = false
}

variable "bills" {
  description = "Where the bills that aws.cur reads are: buckets, the prefix in each, and the KMS key that encrypts them, if any. Without it, aws.cur may read nothing."
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

  validation {
    condition     = alltrue([for b in var.bills : !can(regex("^/|[*?]", b.prefix))])
    error_message = "bills: prefix is as in the bucket: no slash before it, no wildcards."
  }

  validation {
    condition     = alltrue([for b in var.bills : b.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", b.kms_key_arn))])
    error_message = "bills: kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "partition" {
  description = "The partition of ARNs."
  type        = string
  default     = "aws"

  validation {
    condition     = contains(["aws", "aws-cn", "aws-us-gov"], var.partition)
    error_message = "partition is aws, aws-cn or aws-us-gov."
  }
}
