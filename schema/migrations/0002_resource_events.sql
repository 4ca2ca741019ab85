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
