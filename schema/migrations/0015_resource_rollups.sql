-- resource_rollups: the state of each resource, so that a question about resources reads a row for
-- each and not all events. kind says what a row is of:
--   0  the last run: stamp is that of polo.resource_stamp before it, or 0 if the run left minutes out; prints
--      are the fingerprints of the days that it and earlier ones have folded whole; scans are those that counted
--   1  a minute: the fingerprint of its rows in resource_states before they were folded
--   2  a resource (key): its state, and the place of the last event in it
--   3  a row of resource_states that is folded: its minute, its ARN (key), and its mark, a checksum of id and version;
--      print is 1 once the row is gone
--
-- A minute is folded while its rows have the fingerprint that is stored. In any other minute, a row without a mark is new and a mark
-- without a row is of a row that is gone: these resources changed (polo.resources_touched). Rows later than all that
-- are in the state are folded into it; otherwise the resource is folded from all its rows.
--
-- The rows of a run arrive in one part, all or none. The rows of the last generation count. Only
-- resource_rollups_mv inserts here, one run at a time, because a run begins with the states of the last. The table may be
-- emptied while that view is stopped: the next run begins anew.
--
-- Key: (kind, day, minute, key, mark), so that a question reads the states alone, one of them by its ARN, and
-- the minutes and rows of the days that changed.
--
-- The projections of resource_states are the fingerprints of each day and minute, part by part.

CREATE TABLE IF NOT EXISTS {{local "resource_rollups"}}{{on_cluster}}
(
    kind UInt8,
    day Date32 CODEC(Delta(4), ZSTD(1)),
    minute Int64 CODEC(Delta(8), ZSTD(1)),
    key String CODEC(ZSTD(1)),
    mark UInt64 CODEC(NONE),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    print UInt64 CODEC(ZSTD(1)),
    place UInt256 CODEC(ZSTD(1)),
    event_id UUID CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
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
    ancestors Array(String) CODEC(ZSTD(1)),
    relations Array(Tuple(String, String)) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    first_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    stamp UInt64 CODEC(ZSTD(1)),
    prints Array(Tuple(Date32, UInt64)) CODEC(ZSTD(1)),
    scans Array(Tuple(String, String, String, DateTime64(3, 'UTC'))) CODEC(ZSTD(1))
)
ENGINE = {{engine "resource_rollups" "generation"}}
ORDER BY (kind, day, minute, key, mark){{settings "index_granularity = 1024"}};

ALTER TABLE {{local "resource_rollups"}}{{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0;

{{distributed "resource_rollups" "rand()"}}

{{range parts "resource_rollups"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal: the state of each resource, behind resources_current';
{{end}}
ALTER TABLE {{local "resource_states"}}{{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE {{local "resource_states"}}{{on_cluster}} ADD PROJECTION IF NOT EXISTS days
(SELECT toDate32(ts) AS day, count(), sum(sipHash64(event_id, version)) GROUP BY day);

ALTER TABLE {{local "resource_states"}}{{on_cluster}} ADD PROJECTION IF NOT EXISTS minutes
(SELECT toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, count(), sum(sipHash64(event_id, version)) GROUP BY day, minute);

ALTER TABLE {{local "resource_states"}}{{on_cluster}} MATERIALIZE PROJECTION days;

ALTER TABLE {{local "resource_states"}}{{on_cluster}} MATERIALIZE PROJECTION minutes;
