-- resource_events: every event, and the only table that is inserted into.
--
-- Key: (ts, event_id). ts is part of an event's identity, so all statements of
-- one fact, whenever and however often they arrive, meet under one key and in
-- one partition, and FINAL leaves the one with the greatest version. version is
-- observed_at in milliseconds above 22 bits of the content's checksum: of two
-- statements observed in one millisecond every order of arrival keeps the same.
-- Rows inserted by hand get the same without the checksum.
--
-- Look-ups by time use the key. Look-ups by ARN use the bloom filters, on the
-- event's own ARN and on those of its relations and ancestors (has(...)); they
-- cost a few bytes a row, where a second copy ordered by ARN would cost a third
-- of the table and could not follow a restated ARN. Granules are a quarter of
-- the usual size, because such a look-up reads a granule for each hit, and with
-- FINAL also what overlaps it in other parts; loading takes no longer for it.
--
-- On a cluster rows are spread by event_id, not by arn: an ARN may be restated,
-- and all statements of a fact must meet on one shard.
--
-- The family of an event (event_type before the dot) is, like ts, part of its
-- identity and never restated: the views below fill their tables by family.
-- Within a family the type may change.

CREATE TABLE IF NOT EXISTS {{local "resource_events"}}{{on_cluster}}
(
    event_id UUID CODEC(NONE),
    event_type LowCardinality(String),
    source LowCardinality(String),
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    period_end Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),

    arn String CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    account_role LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_id String CODEC(ZSTD(1)),
    resource_name String CODEC(ZSTD(1)),

    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),

    actor String CODEC(ZSTD(1)),
    state LowCardinality(String),
    error_code LowCardinality(String),

    cost_amount Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    usage_quantity Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    usage_unit LowCardinality(String),
    metric_value Nullable(Float64) CODEC(ZSTD(1)),

    ancestors Array(String) CODEC(ZSTD(1)),
    `relations.type` Array(LowCardinality(String)),
    `relations.target_arn` Array(String) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) CODEC(ZSTD(1)),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_target `relations.target_arn` TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_ancestor ancestors TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{engine "resource_events" "version"}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id){{settings "index_granularity = 2048"}};

{{distributed "resource_events" "cityHash64(event_id)"}}

-- What the table and its columns are, for whoever has only the database before
-- them: DESCRIBE, SHOW CREATE and system.tables tell it.

{{range parts "resource_events"}}ALTER TABLE {{.}}{{on_cluster}}
    COMMENT COLUMN `event_id` 'Identity of the fact, the same on every run: a version 5 UUID of source, ts and the source\'s own id',
    COMMENT COLUMN `event_type` 'family.verb: activity.api_call, resource.updated, cost.accrued; the family never changes for an event_id',
    COMMENT COLUMN `source` 'Where it comes from: aws.cloudtrail',
    COMMENT COLUMN `ts` 'When it happened, or the start of the period, UTC; never changes for an event_id',
    COMMENT COLUMN `period_end` 'Exclusive end of the period it covers, UTC; NULL for a moment',
    COMMENT COLUMN `observed_at` 'When the collector saw it, UTC; of the statements of one event the latest counts',
    COMMENT COLUMN `arn` 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    COMMENT COLUMN `platform` 'aws, github, cloudflare or datadog',
    COMMENT COLUMN `account_id` 'Account, with its leading zeros',
    COMMENT COLUMN `account_role` 'What the account is for: production, staging',
    COMMENT COLUMN `region` 'Region, in the words of the source: eu-west-1',
    COMMENT COLUMN `service` 'Service, as in the ARN: ec2',
    COMMENT COLUMN `resource_type` 'service:type: ec2:instance, s3:bucket',
    COMMENT COLUMN `resource_id` 'The id of the resource within its type: i-0abc',
    COMMENT COLUMN `resource_name` 'Name for people',
    COMMENT COLUMN `marqo_customer` 'Customer it belongs to, from its tags',
    COMMENT COLUMN `marqo_cluster` 'Cluster it belongs to, from its tags',
    COMMENT COLUMN `marqo_index` 'Index it belongs to, from its tags',
    COMMENT COLUMN `actor` 'Who did it: the ARN of a principal where there is one',
    COMMENT COLUMN `state` 'State of the resource after the event, in the words of the source: running',
    COMMENT COLUMN `error_code` 'Error of the API; empty where the call succeeded',
    COMMENT COLUMN `cost_amount` 'Cost in currency, exact; NULL where the event tells none',
    COMMENT COLUMN `currency` 'Currency of cost_amount, ISO 4217: USD',
    COMMENT COLUMN `usage_quantity` 'Amount used in usage_unit, exact; NULL where the event tells none',
    COMMENT COLUMN `usage_unit` 'Unit of usage_quantity, in the words of the source: Hrs',
    COMMENT COLUMN `metric_value` 'Value of the metric; NULL where the event samples none',
    COMMENT COLUMN `ancestors` 'ARNs of what it is in, nearest first: subnet, VPC, account',
    COMMENT COLUMN `relations.type` 'How it relates to the target at the same place of relations.target_arn: attached_to, uses_role',
    COMMENT COLUMN `relations.target_arn` 'ARNs of the resources it relates to',
    COMMENT COLUMN `tags` 'Tags of the resource',
    COMMENT COLUMN `properties` 'Whatever else its type has; nested values are JSON text',
    COMMENT COLUMN `version` 'Which statement of the event counts, the greatest: observed_at in milliseconds above 22 bits of a checksum',
    COMMENT COLUMN `inserted_at` 'When this row came into ClickHouse, UTC';
{{end}}
{{range parts "resource_events"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Every event, one row for each: API activity, changes of resources, costs, metrics. The only table that is inserted into. Read it with FINAL, which the read-only user has set';
{{end}}
