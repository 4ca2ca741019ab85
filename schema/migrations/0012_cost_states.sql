-- cost_states: what cost_state_live says, kept while it holds, because ClickHouse takes longer to
-- plan that view than to answer most questions. stamp is a checksum of the rows of cost_lines
-- and scans before the view was asked; a state counts while they have that stamp, and
-- is kept only if it names no day that is not rolled up. It expires before the rollups that it names.
--
-- The projection stamp of scans is the checksum of each part.
--
-- cost_rollups has its columns in files of their own: a question reads five of 32,
-- and ClickHouse would keep a part of less than 10 MB in one file, where that takes
-- two to three times as long.

CREATE TABLE IF NOT EXISTS {{local "cost_states"}}{{on_cluster}}
(
    made UInt64 CODEC(Delta(8), ZSTD(1)),
    stamp UInt64 CODEC(ZSTD(1)),
    expires DateTime('UTC') CODEC(ZSTD(1)),
    generations Array(UInt64) CODEC(ZSTD(1)),
    touched Array(Date32) CODEC(ZSTD(1)),
    counting Array(UInt64) CODEC(ZSTD(1)),
    adding Array(UInt64) CODEC(ZSTD(1)),
    partial Array(UInt64) CODEC(ZSTD(1))
)
ENGINE = {{plain_engine "cost_states"}}
ORDER BY made
TTL expires{{settings "index_granularity = 64" "merge_with_ttl_timeout = 900"}};

{{distributed "cost_states" "rand()"}}

{{range parts "cost_states"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal: the last states of costs, behind cost_state';
{{end}}
ALTER TABLE {{local "cost_rollups"}}{{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0;

ALTER TABLE {{local "scans"}}{{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE {{local "scans"}}{{on_cluster}} ADD PROJECTION IF NOT EXISTS stamp
(SELECT toYear(ts) AS year, count(), sum(sipHash64(event_id, version)) GROUP BY year);

ALTER TABLE {{local "scans"}}{{on_cluster}} MATERIALIZE PROJECTION stamp;
