-- scans: what was read to its end, and when. Absence is believed only by these.
--
-- A scan of resources covers one (account_id, region, resource_type) at ts, the
-- time of every snapshot in it. A scan of costs has no resource_type and covers
-- the whole billing days of [ts, period_end) of one (source, account_id); its
-- observed_at is that of every line in it. One that was throttled or refused
-- has no scan.completed, and nothing vanishes by it.
--
-- state and error_code say why a scan was not completed; events is how many events
-- a completed one speaks of; a bill's delivery and report_account are those of
-- cost_lines. ADD COLUMN is for installations that have the table without them.
--
-- Key: (ts, event_id), as resource_events: a restated scan replaces itself.

CREATE TABLE IF NOT EXISTS {{local "scans"}}{{on_cluster}}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    period_end Nullable(DateTime64(3, 'UTC')),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    account_id LowCardinality(String),
    region LowCardinality(String),
    resource_type LowCardinality(String)
)
ENGINE = {{engine "scans" "version"}}
PARTITION BY toYear(ts)
ORDER BY (ts, event_id){{settings}};

{{distributed "scans" "cityHash64(event_id)"}}

{{range parts "scans"}}ALTER TABLE {{.}}{{on_cluster}}
    ADD COLUMN IF NOT EXISTS state LowCardinality(String),
    ADD COLUMN IF NOT EXISTS error_code LowCardinality(String),
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String),
    ADD COLUMN IF NOT EXISTS report_account LowCardinality(String),
    ADD COLUMN IF NOT EXISTS events Nullable(UInt64);
{{end}}
{{range parts "scans"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: what was read to its end and when, behind resource_scans and cost_scan_days';
{{end}}
