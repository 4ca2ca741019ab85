# The queues, the consumer, and their alarms.

variable "clickhouse" {
  description = <<-EOT
    Where the consumer inserts:
    addr       host:port of the native protocol, 9440 with TLS; or several servers of a cluster, separated by commas: if one does
               not answer, the next is tried (with PrivateLink all on one port)
    user       the user that may only insert into resource_events
    password   where its password is: arn of a Secrets Manager secret or, if store is ssm, of an SSM parameter, and
               kms_key_arn of the key that encrypts it, unless that is AWS's own; null: no password
    database   polo
    target     what ClickHouse is: cloud, single or cluster
    plaintext  true: without TLS
    insert_quorum  how many replicas of a shard must hold a row before it is acknowledged: auto (a majority), a number, or 0; null:
                   auto if target is cluster. While fewer are up, events wait on the queue
  EOT
  type = object({
    addr          = string
    user          = string
    database      = optional(string, "polo")
    target        = optional(string, "cloud")
    plaintext     = optional(bool, false)
    insert_quorum = optional(string)
    # The store decides which resources are created, so it must be known before the ARN is.
    password = optional(object({
      arn         = string
      store       = optional(string, "secretsmanager")
      kms_key_arn = optional(string)
    }))
  })

  validation {
    condition     = can(regex("^[A-Za-z0-9.-]+:[0-9]{1,5}(,[A-Za-z0-9.-]+:[0-9]{1,5})*$", var.clickhouse.addr))
    error_message = "clickhouse: addr is host:port, such as abc.eu-west-1.aws.clickhouse.cloud:9440, or several, separated by commas."
  }

  validation {
    condition     = var.clickhouse.insert_quorum == null || can(regex("^(auto|[0-9]{1,2})$", var.clickhouse.insert_quorum))
    error_message = "clickhouse: insert_quorum is auto, a number of replicas, or 0."
  }

  validation {
    condition     = length(var.clickhouse.user) > 0 && can(regex("^[A-Za-z_][A-Za-z0-9_]*$", var.clickhouse.database))
    error_message = "clickhouse: user is not empty, and database is a name of letters, digits and _."
  }

  validation {
    condition     = contains(["cloud", "single", "cluster"], var.clickhouse.target)
    error_message = "clickhouse: target is cloud, single or cluster."
  }

  validation {
    condition = var.clickhouse.password == null || try(can(regex({
      secretsmanager = "^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$"
      ssm            = "^arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/.+$"
    }[var.clickhouse.password.store], var.clickhouse.password.arn)), false)
    error_message = "clickhouse: password.store is secretsmanager or ssm, and password.arn the ARN of a secret or of a parameter there."
  }

  validation {
    condition     = try(var.clickhouse.password.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.clickhouse.password.kms_key_arn))
    error_message = "clickhouse: password.kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "queue" {
  description = <<-EOT
    The two queues:
    retention_seconds   the main queue's retention, 4 days: the longest outage of ClickHouse without loss. The
                        dead-letter queue's is 14 days
    max_receive_count   the deliveries after which the queue itself moves a message, 1000: only a backstop for crashes, because
                        the consumer decides, and each delivery of an outage counts
    max_message_size    in bytes, 262144: Polo's own messages are no larger. SQS accepts 1048576, providers before 6.8
                        only this default
    kms_key_arn         the key that encrypts both; null: SQS's own
  EOT
  type = object({
    retention_seconds = optional(number, 345600)
    max_receive_count = optional(number, 1000)
    max_message_size  = optional(number, 262144)
    kms_key_arn       = optional(string)
  })
  default = {}

  validation {
    # A moved message keeps its age, so it must have time left in the dead-letter queue.
    condition     = var.queue.retention_seconds >= 3600 && var.queue.retention_seconds <= 604800
    error_message = "queue: retention_seconds is from an hour to 7 days, so that 7 of the dead-letter queue's 14 days are left for moved messages."
  }

  validation {
    condition     = var.queue.max_receive_count >= 100 && var.queue.max_receive_count <= 1000
    error_message = "queue: max_receive_count is from 100 to 1000: each delivery of an outage counts, and a low one empties the queue into the dead-letter queue."
  }

  validation {
    condition     = var.queue.max_message_size >= 65536 && var.queue.max_message_size <= 1048576
    error_message = "queue: max_message_size is from 65536 to 1048576 bytes."
  }

  validation {
    condition     = var.queue.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.queue.kms_key_arn))
    error_message = "queue: kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "consumer" {
  description = <<-EOT
    The consumer, and its event source mapping:
    memory_mb            1024: it mostly waits for ClickHouse, which is billed by memory (docs/COST.md); 1769 is one
                         whole CPU
    timeout_seconds      120; the queue's visibility timeout follows it
    batch_size           messages of a batch, 100; Lambda's limit of 6 MB also applies
    window_seconds       how long a batch waits to fill, 5: each insert is a part for ClickHouse to merge
    maximum_concurrency  concurrent invocations, 5: ClickHouse advises about one insert a second for a table
  EOT
  type = object({
    memory_mb           = optional(number, 1024)
    timeout_seconds     = optional(number, 120)
    batch_size          = optional(number, 100)
    window_seconds      = optional(number, 5)
    maximum_concurrency = optional(number, 5)
  })
  default = {}

  validation {
    condition     = var.consumer.memory_mb >= 512 && var.consumer.memory_mb <= 10240
    error_message = "consumer: memory_mb is from 512, which the largest message needs once decompressed, to 10240."
  }

  validation {
    condition     = var.consumer.timeout_seconds >= 60 && var.consumer.timeout_seconds <= 900
    error_message = "consumer: timeout_seconds is from 60 to 900: an insert is retried for 30 seconds."
  }

  validation {
    condition     = var.consumer.batch_size >= 1 && var.consumer.batch_size <= 10000
    error_message = "consumer: batch_size is from 1 to 10000."
  }

  validation {
    condition     = var.consumer.window_seconds >= 0 && var.consumer.window_seconds <= 300 && (var.consumer.batch_size <= 10 || var.consumer.window_seconds >= 1)
    error_message = "consumer: window_seconds is from 0 to 300, and at least 1 if batch_size is above 10."
  }

  validation {
    condition     = var.consumer.maximum_concurrency >= 2 && var.consumer.maximum_concurrency <= 1000
    error_message = "consumer: maximum_concurrency is from 2 to 1000."
  }
}

variable "logs" {
  description = "The retention of the functions' logs, and the key that encrypts them; null: CloudWatch's own. Metrics are extracted from the logs, and outlive them."
  type = object({
    retention_days = optional(number, 30)
    kms_key_arn    = optional(string)
  })
  default = {}

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs: retention_days is one that CloudWatch knows, such as 14, 30, 90 or 365."
  }

  validation {
    condition     = var.logs.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.logs.kms_key_arn))
    error_message = "logs: kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "otlp_endpoint" {
  description = "The OTLP endpoint for traces and metrics; null: none."
  type        = string
  default     = null

  validation {
    condition     = var.otlp_endpoint == null || can(regex("^https?://[^/\\s]+", var.otlp_endpoint))
    error_message = "otlp_endpoint is a URL such as https://otel.example.com:4318."
  }
}

variable "runbook_url" {
  description = "The URL of docs/RUNBOOK.md, to which alarms link: that of the deployed release."
  type        = string

  validation {
    condition     = can(regex("^https://[^\\s#?]+/RUNBOOK\\.md$", var.runbook_url))
    error_message = "runbook_url begins with https:// and ends with /RUNBOOK.md."
  }
}

variable "alarm_topic_arns" {
  description = "The SNS topics that alarms notify when they start and when they end."
  type        = set(string)

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[\\w-]+$", arn))])
    error_message = "alarm_topic_arns are ARNs of SNS topics that are not FIFO."
  }
}

variable "alarms" {
  description = <<-EOT
    The alarms' thresholds:
    queue_age_seconds          age of the main queue's oldest message, 900
    throttles_per_minute       throttled invocations of the consumer, 10
    duplicates_percent         of an hour's events, 50: duplicates within a batch
    rejected_per_hour          records that collectors could not normalise, 100
    failures_per_hour          by reason, failures that the consumer sent to the dead-letter queue
    paid_requests_usd_per_day  for each source, 5
  EOT
  type = object({
    queue_age_seconds         = optional(number, 900)
    throttles_per_minute      = optional(number, 10)
    duplicates_percent        = optional(number, 50)
    rejected_per_hour         = optional(number, 100)
    paid_requests_usd_per_day = optional(number, 5)
    failures_per_hour = optional(map(number), {
      corrupt_pack        = 10
      crashes_consumer    = 0
      invalid_event       = 100
      malformed_event     = 100
      malformed_pack      = 10
      many_bad_events     = 0
      pack_too_large      = 10
      refused_event       = 100
      retention_near      = 0
      unsupported_version = 0
    })
  })
  default = {}

  validation {
    condition     = var.alarms.queue_age_seconds >= 60 && var.alarms.queue_age_seconds < var.queue.retention_seconds / 2
    error_message = "alarms: queue_age_seconds is at least 60, and less than half of the queue's retention, which is another alarm's threshold."
  }

  validation {
    condition     = var.alarms.throttles_per_minute >= 0 && var.alarms.rejected_per_hour >= 0 && var.alarms.paid_requests_usd_per_day >= 0
    error_message = "alarms: throttles_per_minute, rejected_per_hour and paid_requests_usd_per_day are 0 or more."
  }

  validation {
    condition     = var.alarms.duplicates_percent > 0 && var.alarms.duplicates_percent <= 100
    error_message = "alarms: duplicates_percent is above 0, and 100 at most."
  }

  validation {
    condition     = alltrue([for reason, n in var.alarms.failures_per_hour : can(regex("^[a-z_]+$", reason)) && n >= 0])
    error_message = "alarms: failures_per_hour is by reason, as in docs/RUNBOOK.md, and 0 or more."
  }
}

variable "vpc" {
  description = <<-EOT
    The VPC of the consumer and of alerts; null: none. Collectors are in no VPC: they call AWS's public APIs in every
    region.
    vpc_id, subnet_ids    the VPC, and private subnets in two zones or more
    clickhouse_service    the endpoint service of ClickHouse Cloud's PrivateLink, com.amazonaws.vpce....; null: egress
                          names another way
    aws_endpoints         whether to create endpoints for SQS and, for passwords and alerts, Secrets Manager, SSM and SNS;
                          false if the VPC has them, or a NAT
    egress                what else the consumer and alerts may connect to: cidr and port
  EOT
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    clickhouse_service = optional(string)
    aws_endpoints      = optional(bool, true)
    egress             = optional(list(object({ cidr = string, port = number })), [])
  })
  default = null

  validation {
    condition     = var.vpc == null || can(regex("^vpc-[0-9a-f]+$", var.vpc.vpc_id))
    error_message = "vpc: vpc_id is an id such as vpc-0123456789abcdef0."
  }

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) >= 2 && alltrue([for id in var.vpc.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]), false)
    error_message = "vpc: subnet_ids are two or more ids such as subnet-0123456789abcdef0."
  }

  validation {
    condition     = try(var.vpc.clickhouse_service, null) == null || can(regex("^com\\.amazonaws\\.vpce\\.[a-z0-9-]+\\.vpce-svc-[0-9a-f]+$", var.vpc.clickhouse_service))
    error_message = "vpc: clickhouse_service is the name of an endpoint service, com.amazonaws.vpce.REGION.vpce-svc-...."
  }

  validation {
    condition     = alltrue([for e in try(var.vpc.egress, []) : can(cidrnetmask(e.cidr)) && e.port >= 1 && e.port <= 65535])
    error_message = "vpc: egress has an IPv4 network such as 10.0.0.0/16 as cidr, and a port from 1 to 65535."
  }
}
