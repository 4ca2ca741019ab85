-- cost_rollups_mv rolls up the days that have changed. ClickHouse runs it by itself, so that costs need no job of
-- Polo's. Each server of a cluster runs its own, and forgets its schedule when it restarts: to run it twice,
-- late or half changes no answer.
--
-- All rows of a run are one block, and so those of a day are one part.

DROP VIEW IF EXISTS polo.cost_rollups_mv{{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_rollups_mv{{on_cluster}} REFRESH AFTER 10 SECOND APPEND TO {{local "cost_rollups"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT * FROM polo.cost_rollups_due SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0
COMMENT 'Internal: rolls costs up into cost_rollups'
