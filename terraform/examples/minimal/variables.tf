variable "env" {
  description = "The deployment's name."
  type        = string
  default     = "try"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.env))
    error_message = "env is of lower-case letters, digits and dashes, 20 at most, and begins with a letter."
  }
}

variable "region" {
  description = "The region that everything is in, and that is read."
  type        = string
  default     = "eu-west-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is a name such as eu-west-1."
  }
}

variable "artifacts_folder" {
  description = "The folder with the functions' zips, as \"make lambda\" leaves them."
  type        = string
  default     = "../../../build/lambda"

  validation {
    condition     = length(var.artifacts_folder) > 0
    error_message = "artifacts_folder is not empty."
  }
}

variable "clickhouse_addr" {
  description = "ClickHouse's host:port of the native protocol by TLS."
  type        = string

  validation {
    condition     = can(regex("^[^:,]+:[0-9]+$", var.clickhouse_addr))
    error_message = "clickhouse_addr is host:port, such as abc.eu-west-1.aws.clickhouse.cloud:9440."
  }
}
