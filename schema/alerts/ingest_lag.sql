-- title: Events arrive late
-- text: From a collector's sight of an event to its row in ClickHouse it takes too long, or the collector's last run ended long after its time: answers are behind, and so are
-- text: alerts. Nothing is lost. Told by rows that arrived; if none do, stale_source and the alarms of CloudWatch tell it. Sources
-- text: without a run are not judged: files that somebody ingests were seen long ago. With too few new rows to say, it neither fires nor resolves.
-- severity: medium
-- runbook: the-main-queue-grows
-- for: 3
-- keep_firing: 2
-- group_by: source
-- repeat: 24h
-- route: platform
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: seconds UInt32 | default 900 | min 1 | max 1000000 | Half of the rows took longer than so many seconds
-- param: run_seconds UInt32 | default 3600 | min 1 | max 1000000 | Or the last run ended so many seconds after its scheduled time
-- param: minutes UInt16 | default 30 | min 5 | max 1440 | Of rows that came in the last so many minutes
-- param: hours UInt16 | default 26 | min 1 | max 168 | Of events and runs of the last so many hours: older ones are of a backfill
-- param: least UInt32 | default 10 | min 1 | max 1000000 | Fewer rows than that do not tell
-- rows: 200 1000
-- label: source String | Source
-- column: rows UInt64 | rows | Rows that came in those minutes
-- column: lag Nullable(Float64) | seconds | Half of them took longer, from sight to row; null without rows
-- column: last_row DateTime64(3, 'UTC') | UTC | When the last row came
-- column: last_lag Float64 | seconds | What that one took
-- column: last_run DateTime64(3, 'UTC') | UTC | The scheduled time of the last run that ended
-- column: run_lag Float64 | seconds | From that time to the run's end
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.resource_events WHERE ts > now64(3, 'UTC') - toIntervalDay(1) LIMIT 1)

SELECT
    toString(e.source) AS source, countIf(recent) AS rows, round(medianOrNullIf(took, recent), 1) AS lag,
    max(inserted_at) AS last_row, argMax(took, inserted_at) AS last_lag,
    maxIf(ts, event_type = 'run.finished') AS last_run, argMaxIf(ended, ts, event_type = 'run.finished') AS run_lag,
    if(rows >= {least:UInt32} AND ifNull(lag, 0) > {seconds:UInt32} OR run_lag > {run_seconds:UInt32}, 'wrong', 'unknown') AS verdict
FROM
(
    SELECT
        source, ts, event_type, inserted_at, inserted_at > {at:DateTime64(3, 'UTC')} - toIntervalMinute({minutes:UInt16}) AS recent,
        dateDiff('millisecond', observed_at, inserted_at) / 1000 AS took, dateDiff('millisecond', ts, observed_at) / 1000 AS ended
    FROM polo.resource_events
    WHERE ts > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16}) AND ts <= {at:DateTime64(3, 'UTC')}
) AS e
GROUP BY source
HAVING countIf(event_type = 'run.finished') > 0 AND (verdict = 'wrong' OR rows < {least:UInt32} AND last_lag > {seconds:UInt32})
ORDER BY verdict DESC, lag DESC NULLS LAST, source
LIMIT {limit:UInt32} + 1
