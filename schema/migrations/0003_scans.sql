-- scans: what was read to its end, and when. Absence is believed only by these.
--
-- A scan of resources covers one (account_id, region, resource_type) at ts, the
-- time of every snapshot in it. A scan of costs has no resource_type and covers
-- the whole billing days of [ts, period_end) of one (source, account_id); its
-- observed_at is that of every line in it. One that was throttled or refused
-- has no scan.completed, and nothing vanishes by it.
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

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.scans_mv{{on_cluster}} TO {{local "scans"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT ts, event_id, version, event_type, source, period_end, observed_at, account_id, region, resource_type
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'scan.');

-- resource_scans: the latest completed scan of each scope of resources.

CREATE VIEW IF NOT EXISTS polo.resource_scans{{on_cluster}}
AS SELECT account_id, region, resource_type, max(ts) AS scanned_at
FROM polo.scans FINAL
WHERE event_type = 'scan.completed' AND resource_type != ''
GROUP BY account_id, region, resource_type;

-- cost_scan_days: when each billing day was last read to its end. A day counts
-- where the scan covers the whole of it. A scan of more than 4000 days counts
-- for its first 4000.

CREATE VIEW IF NOT EXISTS polo.cost_scan_days{{on_cluster}}
AS SELECT source, payer_account_id, toDate32(day) AS billing_day, max(observed) AS scanned_at
FROM
(
    SELECT
        source,
        account_id AS payer_account_id,
        observed_at AS observed,
        toInt32(toDate32(ts)) + (ts > toDateTime64(toDate32(ts), 3, 'UTC')) AS first,
        toInt32(toDate32(assumeNotNull(period_end))) AS past,
        arrayJoin(range(first, greatest(first, least(past, first + 4000)))) AS day
    FROM polo.scans FINAL
    WHERE event_type = 'scan.completed' AND resource_type = '' AND period_end IS NOT NULL
)
GROUP BY source, payer_account_id, billing_day;
