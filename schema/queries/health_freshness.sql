-- title: Freshness and lag by source
-- group: health
-- text: When each source was last heard of, and how long its events took: from what happened to the row in ClickHouse. A source without
-- text: events in those days is here if a scan of it ever completed.
-- param: days UInt16 | default 30 | min 1 | max 400 | Only events of so many days back
-- rows: 100 1000
-- cache: 30
-- column: source String | Source
-- column: events UInt64 | events | Events of those days
-- column: last_event Nullable(DateTime64(3, 'UTC')) | UTC | The time of its latest event
-- column: last_observed Nullable(DateTime64(3, 'UTC')) | UTC | When a collector last saw something of it
-- column: last_inserted Nullable(DateTime64(3, 'UTC')) | UTC | When a row of it last came into ClickHouse
-- column: silent Nullable(Int64) | seconds | From that until the present
-- column: lag_median Nullable(Float64) | seconds | From an event's time (for a period, its end) to its row: the half took less
-- column: lag_p95 Nullable(Float64) | seconds | The same: 95 of 100 took less
-- column: last_completed Nullable(DateTime64(3, 'UTC')) | UTC | When a scan of it last completed; null where it has none

SELECT
    toString(e.name) AS source, sum(e.n) AS events, max(e.last_ts) AS last_event, max(e.seen) AS last_observed, max(e.inserted) AS last_inserted,
    dateDiff('second', last_inserted, now64(3, 'UTC')) AS silent,
    round(max(e.median) / 1000, 1) AS lag_median, round(max(e.p95) / 1000, 1) AS lag_p95, max(e.completed) AS last_completed
FROM
(
    SELECT
        source AS name, count() AS n, toNullable(max(ts)) AS last_ts, toNullable(max(observed_at)) AS seen, toNullable(max(inserted_at)) AS inserted,
        quantiles(0.5, 0.95)(toFloat64(dateDiff('millisecond', ifNull(period_end, ts), inserted_at))) AS lags,
        toNullable(lags[1]) AS median, toNullable(lags[2]) AS p95, NULL::Nullable(DateTime64(3, 'UTC')) AS completed
    FROM polo.resource_events FINAL
    WHERE ts >= now64(3, 'UTC') - toIntervalDay({days:UInt16})
    GROUP BY name
    UNION ALL
    SELECT source AS name, toUInt64(0) AS n, NULL AS last_ts, NULL AS seen, NULL AS inserted, [] AS lags, NULL AS median, NULL AS p95, toNullable(max(observed_at)) AS completed
    FROM polo.scans FINAL
    WHERE event_type = 'scan.completed'
    GROUP BY name
) AS e
GROUP BY source
ORDER BY silent DESC NULLS FIRST, source
LIMIT {limit:UInt32} + 1
