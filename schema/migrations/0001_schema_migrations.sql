-- schema_migrations: which statement of which migration has run here.
--
-- ClickHouse has no transactions over DDL, so a migration cannot be recorded
-- together with its effect. Each statement is idempotent instead, and is
-- recorded after it ran: a crash between the two runs it once more, to no
-- effect, and two runners at once do each other no harm. The checksum is of the
-- file as written, before rendering; a file that changes after any of its
-- statements ran is refused. Statement 0 is the file itself, recorded before its
-- first statement runs.
--
-- A view has one record, of migration 0 and statement 0, made after all of its
-- statements ran: the latest of its name tells which text stands. A view's file
-- may change, and is then applied again.
--
-- Key: (migration, statement, checksum), so that runners which disagree about a
-- file leave the proof of it.
--
-- On a cluster there is one copy for all shards.

CREATE DATABASE IF NOT EXISTS polo{{on_cluster}};

CREATE TABLE IF NOT EXISTS polo.schema_migrations{{on_cluster}}
(
    migration UInt32,
    statement UInt32,
    name String,
    checksum String,
    target LowCardinality(String),
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = {{global_engine "schema_migrations" "applied_at"}}
ORDER BY (migration, statement, checksum){{settings}};

ALTER TABLE polo.schema_migrations{{on_cluster}} MODIFY COMMENT 'Internal: which statement of which migration, and which text of each view, has run';
