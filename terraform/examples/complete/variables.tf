variable "env" {
  description = "The deployment's name."
  type        = string
  default     = "prod"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.env))
    error_message = "env is 20 lower-case letters, digits and dashes at most, and begins with a letter."
  }
}

variable "region" {
  description = "The region of everything."
  type        = string
  default     = "eu-west-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is a name such as eu-west-1."
  }
}

variable "artifacts_folder" {
  description = "The folder with the functions' zips from \"make lambda\"."
  type        = string
  default     = "../../../build/lambda"

  validation {
    condition     = length(var.artifacts_folder) > 0
    error_message = "artifacts_folder is not empty."
  }
}

variable "clickhouse_service" {
  description = "ClickHouse Cloud's endpoint service for the region; null: no PrivateLink, and so no way to ClickHouse."
  type        = string
  default     = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"

  validation {
    condition     = var.clickhouse_service == null || can(regex("^com\\.amazonaws\\.vpce\\.[a-z0-9-]+\\.vpce-svc-[0-9a-f]+$", var.clickhouse_service))
    error_message = "clickhouse_service is the name of an endpoint service."
  }
}
