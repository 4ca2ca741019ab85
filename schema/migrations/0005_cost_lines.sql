-- cost_lines: every line of a bill, as last stated.
--
-- Key: (ts, event_id), as resource_events: a line that is restated replaces
-- itself, whatever of it changed. Nothing is summed on the way in: over
-- deliveries that may repeat, a sum would count twice.
--
-- delivery is the delivery of the bill that the line is of, and report_account the
-- account whose report tells it, where that is not the payer's own. ADD COLUMN is for
-- installations that have the table without them.

CREATE TABLE IF NOT EXISTS {{local "cost_lines"}}{{on_cluster}}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    period_end Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    billing_day Date32 CODEC(ZSTD(1)),
    payer_account_id LowCardinality(String),
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
    usage_type LowCardinality(String),
    operation LowCardinality(String),
    estimated Bool,
    cost_amount Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    usage_quantity Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    usage_unit LowCardinality(String),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{engine "cost_lines" "version"}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id){{settings "index_granularity = 2048"}};

{{distributed "cost_lines" "cityHash64(event_id)"}}

{{range parts "cost_lines"}}ALTER TABLE {{.}}{{on_cluster}}
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String),
    ADD COLUMN IF NOT EXISTS report_account LowCardinality(String);
{{end}}
{{range parts "cost_lines"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: lines of bills as last stated, behind cost_hourly';
{{end}}
