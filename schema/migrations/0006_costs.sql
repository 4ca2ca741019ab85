-- cost_lines: every line of a bill, as last stated.
--
-- Key: (ts, event_id), as resource_events: a line that is restated replaces
-- itself, whatever of it changed. Nothing is summed on the way in: over
-- deliveries that may repeat, a sum would count twice.

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

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_hourly_mv{{on_cluster}} TO {{local "cost_lines"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, period_end, observed_at,
    coalesce(toDate32OrNull(properties['billing_period']), toDate32(ts)) AS billing_day,
    if(properties['payer_account_id'] = '', account_id, properties['payer_account_id']) AS payer_account_id,
    arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index,
    properties['usage_type'] AS usage_type,
    properties['operation'] AS operation,
    properties['estimated'] = 'true' AS estimated,
    cost_amount, currency, usage_quantity, usage_unit, tags, properties
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'cost.');

-- cost_hourly: each line with what it costs now. A line that a later completed
-- scan of its billing day no longer held is gone and costs zero.

CREATE VIEW IF NOT EXISTS polo.cost_hourly{{on_cluster}}
AS SELECT
    l.event_id AS event_id, l.ts AS ts, l.period_end AS period_end, l.observed_at AS observed_at, l.source AS source,
    l.billing_day AS billing_day, l.payer_account_id AS payer_account_id, l.arn AS arn, l.platform AS platform,
    l.account_id AS account_id, l.account_role AS account_role, l.region AS region, l.service AS service,
    l.resource_type AS resource_type, l.resource_id AS resource_id, l.resource_name AS resource_name,
    l.marqo_customer AS marqo_customer, l.marqo_cluster AS marqo_cluster, l.marqo_index AS marqo_index,
    l.usage_type AS usage_type, l.operation AS operation, l.estimated AS estimated,
    ifNull(s.scanned_at > l.observed_at, false)::Bool AS gone,
    if(gone, toDecimal256(0, 38), l.stated_amount) AS cost_amount,
    l.currency AS currency,
    if(gone, toDecimal256(0, 38), l.stated_quantity) AS usage_quantity,
    l.usage_unit AS usage_unit, l.tags AS tags, l.properties AS properties
FROM
(
    SELECT * EXCEPT (cost_amount, usage_quantity), cost_amount AS stated_amount, usage_quantity AS stated_quantity
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
) AS l
LEFT ANY JOIN
(
    SELECT source, payer_account_id, billing_day, scanned_at FROM polo.cost_scan_days
) AS s ON s.source = l.source AND s.payer_account_id = l.payer_account_id AND s.billing_day = l.billing_day;

-- cost_rollup_daily: cost by day. source is part of it because two sources may
-- bill the same spend, and currency because no two add up.

CREATE VIEW IF NOT EXISTS polo.cost_rollup_daily{{on_cluster}}
AS SELECT
    toDate32(ts) AS day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38))) AS cost,
    countIf(NOT gone) AS lines,
    countIf(gone) AS gone_lines,
    countIf(estimated AND NOT gone) AS estimated_lines
FROM polo.cost_hourly
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency;
