# Each validation refuses a bad value: the first of each variable in the first run, the
# second in the second, and so on. A variable that other variables' validations use has its
# own runs, because those are skipped while it is bad. integration/terraform checks that
# none is missing.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
}

variables {
  env              = "test"
  artifacts        = { s3_bucket = "artifacts", s3_prefix = "polo/v1" }
  accounts         = [{ id = "123456789012" }, { id = "210987654321", name = "shop", role = "prod" }]
  sources          = { "aws.ec2" = {}, "aws.cost_explorer" = {} }
  clickhouse       = { addr = "host:9440", user = "polo_writer" }
  alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
  runbook_url      = "https://example.com/docs/RUNBOOK.md"
}

run "the_values_of_this_file_are_good" {
  command = plan
}

run "first" {
  command = plan

  variables {
    env              = "Prod"
    artifacts        = { folder = "build/lambda", s3_bucket = "artifacts" }
    architecture     = "arm"
    tags             = { "aws:mine" = "x" }
    accounts         = [{ id = "12345" }]
    account_roles    = { "12345" = "prod" }
    regions          = ["europe"]
    read_role_name   = "/polo/Read"
    external_id      = "x"
    identity         = { customer = [""] }
    bills            = [{ account_id = "1", bucket = "bills", bucket_region = "eu-west-1" }]
    metrics          = [{ namespace = "AWS/EC2", metric = "CPUUtilization", stats = [] }]
    cost_explorer    = { payers = ["1"] }
    clickhouse       = { addr = "https://host", user = "polo_writer" }
    consumer         = { memory_mb = 128 }
    logs             = { retention_days = 31 }
    otlp_endpoint    = "otel.example.com:4318"
    runbook_url      = "https://example.com/docs"
    alarm_topic_arns = ["alarms"]
    alarms           = { queue_age_seconds = 400000 }
    vpc              = { vpc_id = "mine", subnet_ids = ["subnet-0a", "subnet-0b"] }
  }

  expect_failures = [
    var.env, var.artifacts, var.architecture, var.tags, var.accounts, var.account_roles,
    var.regions, var.read_role_name, var.external_id, var.identity, var.bills, var.metrics, var.cost_explorer, var.clickhouse,
    var.consumer, var.logs, var.otlp_endpoint, var.runbook_url, var.alarm_topic_arns, var.alarms, var.vpc,
  ]
}

run "second" {
  command = plan

  variables {
    artifacts     = { s3_bucket = "artifacts", s3_prefix = "/polo" }
    accounts      = [{ id = "123456789012" }, { id = "123456789012" }]
    bills         = [{ account_id = "123456789012", bucket = "s3://bills", bucket_region = "eu-west-1" }]
    metrics       = [{ namespace = "AWS/EC2", metric = "CPUUtilization", stats = ["Sum"], dimensions = { InstanceId = "" } }]
    cost_explorer = { views = [{ name = "By Team" }] }
    clickhouse    = { addr = "host:9440", user = "polo_writer", database = "polo-prod" }
    consumer      = { timeout_seconds = 30 }
    logs          = { kms_key_arn = "alias/logs" }
    alarms        = { throttles_per_minute = -1 }
    vpc           = { vpc_id = "vpc-0a", subnet_ids = ["subnet-0a"] }
  }

  expect_failures = [
    var.artifacts, var.accounts, var.bills, var.metrics, var.cost_explorer, var.clickhouse, var.consumer,
    var.logs, var.alarms, var.vpc,
  ]
}

run "third" {
  command = plan

  variables {
    accounts      = [{ id = "123456789012", name = "a,b" }]
    bills         = [{ account_id = "123456789012", bucket = "bills", bucket_region = "eu-west-1", prefix = "/cur" }]
    metrics       = [{ namespace = "AWS/EC2", metric = "CPUUtilization", stats = ["Sum"], period = 45 }]
    cost_explorer = { views = [{ name = "monthly", granularity = "MONTHLY" }] }
    clickhouse    = { addr = "host:9440", user = "polo_writer", target = "replica" }
    consumer      = { batch_size = 20000 }
    alarms        = { duplicates_percent = 0 }
    vpc           = { vpc_id = "vpc-0a", subnet_ids = ["subnet-0a", "subnet-0b"], clickhouse_service = "clickhouse.cloud" }
  }

  expect_failures = [
    var.accounts, var.bills, var.metrics, var.cost_explorer, var.clickhouse, var.consumer, var.alarms,
    var.vpc,
  ]
}

run "fourth" {
  command = plan

  variables {
    organization  = {}
    bills         = [{ account_id = "123456789012", bucket = "bills", bucket_region = "eu-west-1", kms_key_arn = "alias/bills" }]
    metrics       = [{ namespace = "AWS/EC2", metric = "CPUUtilization", stats = ["Sum"], lookback = -1 }]
    cost_explorer = { group_by = ["SERVICE", "REGION", "AZ"] }
    clickhouse    = { addr = "host:9440", user = "polo_writer", password = { store = "ssm", arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x" } }
    consumer      = { window_seconds = 0 }
    alarms        = { failures_per_hour = { invalid_event = -1 } }
    vpc           = { vpc_id = "vpc-0a", subnet_ids = ["subnet-0a", "subnet-0b"], egress = [{ cidr = "anywhere", port = 443 }] }
  }

  expect_failures = [
    var.accounts, var.bills, var.metrics, var.cost_explorer, var.clickhouse, var.consumer, var.alarms,
    var.vpc,
  ]
}

run "fifth" {
  command = plan

  variables {
    sources       = { "aws.cost_explorer.teams" = {} }
    bills         = [{ account_id = "123456789012", bucket = "bills", bucket_region = "eu-west-1" }]
    metrics       = [{ namespace = "AWS/EC2", metric = "CPUUtilization", stats = ["Sum"] }]
    cost_explorer = { views = [{ name = "owners" }] }
    clickhouse    = { addr = "host:9440", user = "polo_writer", password = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x", kms_key_arn = "alias/x" } }
    consumer      = { maximum_concurrency = 1 }
  }

  expect_failures = [var.bills, var.metrics, var.cost_explorer, var.clickhouse, var.consumer]
}

run "neither_accounts_nor_organization" {
  command = plan

  variables {
    accounts = []
  }

  expect_failures = [var.accounts]
}

run "first_of_what_others_look_at" {
  command = plan

  variables {
    sources      = { "aws.nothing" = {} }
    queue        = { retention_seconds = 1209600 }
    organization = { account_id = "root" }
    accounts     = []
  }

  expect_failures = [var.sources, var.queue, var.organization]
}

run "second_of_what_others_look_at" {
  command = plan

  variables {
    sources    = { "aws.ec2" = { period_minutes = 2880 } }
    queue      = { max_receive_count = 5 }
    clickhouse = { addr = "host:9440", user = "polo_writer", insert_quorum = "most" }
  }

  expect_failures = [var.sources, var.queue, var.clickhouse]
}

run "third_of_what_others_look_at" {
  command = plan

  variables {
    sources = { "aws.cloudtrail" = { lookback_minutes = -5 } }
    queue   = { max_message_size = 2097152 }
  }

  expect_failures = [var.sources, var.queue]
}

run "fourth_of_what_others_look_at" {
  command = plan

  variables {
    sources = { "aws.ec2" = { timeout_seconds = 1000 } }
    queue   = { kms_key_arn = "alias/queue" }
  }

  expect_failures = [var.sources, var.queue]
}

run "fifth_of_what_others_look_at" {
  command = plan

  variables {
    sources = { "aws.ec2" = { memory_mb = 64 } }
  }

  expect_failures = [var.sources]
}

run "sixth_of_what_others_look_at" {
  command = plan

  variables {
    sources = { "aws.cost_explorer" = { budget_usd = 0 } }
  }

  expect_failures = [var.sources]
}

run "datadog_without_its_source" {
  command = plan

  variables {
    datadog = { site = "datadoghq.eu", organisation = "abc", secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.datadog]
}

run "datadog_elsewhere" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "datadog.billing" = {} }
    datadog = { site = "datadog.example", organisation = "abc", secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.datadog]
}

run "datadog_by_name" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "datadog.billing" = {} }
    datadog = { site = "datadoghq.eu", organisation = "Acme Inc", secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.datadog]
}

run "datadog_with_its_keys" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "datadog.billing" = {} }
    datadog = { site = "datadoghq.eu", organisation = "abc", secret = { arn = "the key itself" } }
  }

  expect_failures = [var.datadog]
}

run "github_without_its_sources" {
  command = plan

  variables {
    sources = { "aws.ec2" = {} }
    github  = { organisations = ["acme"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.github]
}

run "github_that_reads_nothing" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.billing" = {} }
    github  = { secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.github]
}

run "github_by_address" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.billing" = {} }
    github  = { organisations = ["github.com/acme"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.github]
}

run "github_over_http" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.billing" = {} }
    github  = { api = "http://ghe.example.com", organisations = ["acme"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.github]
}

run "github_enterprise_alone" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.audit" = {} }
    github  = { enterprise = "acme", secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.github]
}

run "github_with_its_token" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.billing" = {} }
    github  = { organisations = ["acme"], secret = { arn = "the token itself" } }
  }

  expect_failures = [var.github]
}

run "cloudflare_without_its_sources" {
  command = plan

  variables {
    sources    = { "aws.ec2" = {} }
    cloudflare = { accounts = ["023e105f4ecef8ad9ca31a8372d0c353"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.cloudflare]
}

run "cloudflare_by_name" {
  command = plan

  variables {
    sources    = { "aws.ec2" = {}, "cloudflare.audit" = {} }
    cloudflare = { accounts = ["acme"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.cloudflare]
}

run "cloudflare_at_a_price_of_words" {
  command = plan

  variables {
    sources    = { "aws.ec2" = {}, "cloudflare.billing" = {} }
    cloudflare = { prices = [{ rate_plan = "x", amount = "much", currency = "USD", frequency = "monthly" }], accounts = ["023e105f4ecef8ad9ca31a8372d0c353"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.cloudflare]
}

run "cloudflare_elsewhere" {
  command = plan

  variables {
    sources    = { "aws.ec2" = {}, "cloudflare.billing" = {} }
    cloudflare = { billable_usage_path = "https://evil.example/{account}", accounts = ["023e105f4ecef8ad9ca31a8372d0c353"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" } }
  }

  expect_failures = [var.cloudflare]
}

run "cloudflare_with_its_token" {
  command = plan

  variables {
    sources    = { "aws.ec2" = {}, "cloudflare.billing" = {} }
    cloudflare = { accounts = ["023e105f4ecef8ad9ca31a8372d0c353"], secret = { arn = "the token itself" } }
  }

  expect_failures = [var.cloudflare]
}

run "seventh_of_what_others_look_at" {
  command = plan

  variables {
    sources = { "aws.ec2" = { accepted_gaps = -1 } }
  }

  expect_failures = [var.sources]
}

run "github_with_an_alias" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "github.billing" = {} }
    github  = { organisations = ["acme"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:alias/x" } }
  }

  expect_failures = [var.github]
}

run "cloudflare_with_an_alias" {
  command = plan

  variables {
    sources    = { "aws.ec2" = {}, "cloudflare.billing" = {} }
    cloudflare = { accounts = ["0123456789abcdef0123456789abcdef"], secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:alias/x" } }
  }

  expect_failures = [var.cloudflare]
}

run "datadog_with_an_alias" {
  command = plan

  variables {
    sources = { "aws.ec2" = {}, "datadog.billing" = {} }
    datadog = { site = "datadoghq.eu", organisation = "abc", secret = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:alias/x" } }
  }

  expect_failures = [var.datadog]
}

run "github_webhooks_by_url" {
  command = plan

  variables {
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" }
      webhooks      = { queue_arn = "https://sqs.eu-west-1.amazonaws.com/123456789012/hooks" }
    }
  }

  expect_failures = [var.github]
}

run "github_webhooks_in_order" {
  command = plan

  variables {
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" }
      webhooks      = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:hooks.fifo" }
    }
  }

  expect_failures = [var.github]
}

run "github_webhooks_on_polos_queue" {
  command = plan

  variables {
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" }
      webhooks      = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:test-polo-events" }
    }
  }

  expect_failures = [var.github]
}

run "github_webhooks_with_an_alias" {
  command = plan

  variables {
    github = {
      organisations = ["acme"]
      secret        = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" }
      webhooks      = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:hooks", kms_key_arn = "alias/hooks" }
    }
  }

  expect_failures = [var.github]
}
