-- cost_rollups: what each day cost, rolled up, so that a question about costs reads
-- thousands of rows and not all lines.
--
-- A day is rolled up as a whole, under a generation of its own; nothing is ever added to a
-- generation. print is the day's fingerprint before it was rolled up: a checksum of the
-- rows of cost_lines for that day. A generation counts while the day still has its print
-- (cost_days). The rows of a generation arrive in one part, all or none. So rolling a day
-- up twice, or half, or late, changes no answer. A generation expires: soon, if its day
-- changes often, else after some weeks, and is then made again.
--
-- Amounts are by scope: what decides together whether a line counts, which is not known
-- when a day is rolled up (cost_state). kind says what a row is of:
--   0  a scope of the day: how many lines it has
--   1  its costs by owner, place and service
--   2  its costs by ARN (key) and kind of usage
--   3  its costs by tag: key and value
-- magnitude is the sum of absolute amounts: where it is beyond what Decimal256 holds, the
-- sum of amounts is wrong.
--
-- Key: (kind, key, day, generation), so that a question reads the rows of its kind, ARN or
-- tag alone, and of these the generations that count.
--
-- The projection days of cost_lines is the fingerprint of each day, part by part. It is
-- a part of the part that it describes, so no crash, retry or replica can part the two. A
-- merge that drops superseded rows changes it, and the day is rolled up again.

CREATE TABLE IF NOT EXISTS {{local "cost_rollups"}}{{on_cluster}}
(
    kind UInt8,
    key String CODEC(ZSTD(1)),
    day Date32 CODEC(Delta(4), ZSTD(1)),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    print UInt64 CODEC(ZSTD(1)),
    expires DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    scope UInt64 CODEC(ZSTD(1)),
    source LowCardinality(String),
    payer_account_id LowCardinality(String),
    report_account LowCardinality(String),
    billing_day Date32 CODEC(ZSTD(1)),
    delivery LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),
    usage_type LowCardinality(String),
    charge_type LowCardinality(String),
    usage_unit LowCardinality(String),
    value String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    cost Decimal(76, 38) CODEC(ZSTD(1)),
    usage_quantity Decimal(76, 38) CODEC(ZSTD(1)),
    magnitude Float64 CODEC(ZSTD(1)),
    lines UInt64 CODEC(T64, ZSTD(1)),
    estimated_lines UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = {{plain_engine "cost_rollups"}}
PARTITION BY toYear(day)
ORDER BY (kind, key, day, generation)
TTL expires{{settings "index_granularity = 256" "merge_with_ttl_timeout = 900"}};

{{distributed "cost_rollups" "rand()"}}

{{if cluster}}CREATE TABLE IF NOT EXISTS polo.cost_days_everywhere{{on_cluster}}
(
    day Date32,
    print UInt64,
    stored_rows UInt64,
    generation UInt64,
    scopes Array(Tuple(UInt64, String, String, String, Date32, String, DateTime64(3, 'UTC'), UInt64)),
    latest UInt64
)
ENGINE = Distributed('{cluster}', 'polo', 'cost_days');
{{end}}
ALTER TABLE {{local "cost_lines"}}{{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE {{local "cost_lines"}}{{on_cluster}} ADD PROJECTION IF NOT EXISTS days
(SELECT toDate32(ts) AS day, count(), sum(sipHash64(event_id, version)) GROUP BY day);

ALTER TABLE {{local "cost_lines"}}{{on_cluster}} MATERIALIZE PROJECTION days;

{{range parts "cost_rollups"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal: the costs of each day, rolled up, behind cost_daily and its like';
{{end}}
