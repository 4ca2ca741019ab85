-- resource_states: what each event of the family "resource" said of its
-- resource.
--
-- Key: (ts, event_id), as resource_events, and not arn: a restatement may name
-- another ARN, and must still replace its older self. All of the family are
-- kept, whatever their type, so that one restated from resource.updated to
-- resource.deleted is replaced, too.

CREATE TABLE IF NOT EXISTS {{local "resource_states"}}{{on_cluster}}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
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
    ancestors Array(String) CODEC(ZSTD(1)),
    `relations.type` Array(LowCardinality(String)),
    `relations.target_arn` Array(String) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{engine "resource_states" "version"}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id){{settings "index_granularity = 2048"}};

{{distributed "resource_states" "cityHash64(event_id)"}}

{{range parts "resource_states"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: the events of the family resource, behind resource_snapshots and resources_current';
{{end}}
