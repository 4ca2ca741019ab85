-- resource_rollups_mv folds what changed into the states of resources. ClickHouse runs it by itself, so that resources need no
-- job of Polo's. On a cluster it folds nothing: its servers need not have the same rows at a time.
--
-- It reads polo.resource_rollups_due only if it must, as polo.resources_current does with its sources. The rows that are there
-- have no later generation than the last.
--
-- All rows of a run are one block, and so one part.

DROP VIEW IF EXISTS polo.resource_rollups_mv{{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.resource_rollups_mv{{on_cluster}} REFRESH AFTER 10 SECOND APPEND TO {{local "resource_rollups"}}
(
    kind UInt8, day Date32, minute Int64, key String, mark UInt64, generation UInt64,
    print UInt64, place UInt256, event_id UUID, event_type LowCardinality(String), source LowCardinality(String), observed_at DateTime64(3, 'UTC'),
    platform LowCardinality(String), account_id LowCardinality(String), account_role LowCardinality(String), region LowCardinality(String), service LowCardinality(String), resource_type LowCardinality(String),
    resource_id String, resource_name String, marqo_customer LowCardinality(String), marqo_cluster LowCardinality(String), marqo_index LowCardinality(String), actor String,
    state LowCardinality(String), ancestors Array(String), relations Array(Tuple(String, String)), tags Map(LowCardinality(String), String), properties Map(LowCardinality(String), String), first_ts DateTime64(3, 'UTC'),
    last_ts DateTime64(3, 'UTC'), stamp UInt64, prints Array(Tuple(Date32, UInt64)), scans Array(Tuple(String, String, String, DateTime64(3, 'UTC'))), scan_stamp UInt64
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    kind, day, minute, key, mark, generation, print, place, event_id, event_type, source, observed_at,
    platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor,
    state, ancestors, relations, tags, properties, first_ts, last_ts, stamp, prints, scans, scan_stamp
FROM merge('polo', {{if cluster}}'^resource_rollups$'{{else}}if({{template "resources_are_kept"}}, '^resource_rollups$', '^resource_rollups_due$'){{end}})
WHERE {{if cluster}}false{{else}}NOT {{template "resources_are_kept"}} AND generation > (SELECT max(generation) FROM polo.resource_rollups WHERE kind = 0){{end}}
SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0
COMMENT 'Internal: folds the states of resources into resource_rollups'
