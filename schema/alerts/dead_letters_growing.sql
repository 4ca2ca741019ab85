-- title: Collectors reject records
-- text: Runs of a collector sent records to the dead-letter queue, and nobody has replayed or purged it since. Nothing is lost, but what they say is missing.
-- text: ClickHouse knows only what the collectors say of their runs: what the consumer sent there, how many letters there are and how old they are, it
-- text: does not know. The alarms dlq-not-empty and failures-REASON in CloudWatch, and dlq-replay list, do. After a replay or purge of some letters it neither fires nor resolves.
-- severity: medium
-- runbook: collectors-reject-records
-- for: 1
-- keep_firing: 0
-- group_by: source
-- repeat: 24h
-- route: platform
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: hours UInt16 | default 48 | min 1 | max 1000 | Runs of the last so many hours
-- param: least UInt32 | default 1 | min 1 | max 1000000000 | At least so many records
-- rows: 200 1000
-- label: source String | Source
-- column: rejected UInt64 | records | Records that they sent to the dead-letter queue
-- column: runs UInt64 | runs | Runs that sent some
-- column: first_run DateTime64(3, 'UTC') | UTC | The scheduled time of the first of them
-- column: last_run DateTime64(3, 'UTC') | UTC | The scheduled time of the last of them
-- column: last_act String | What was done to the queue since: replayed or purged, and how far it came; empty for nothing
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.resource_events WHERE ts > now64(3, 'UTC') - toIntervalDay(2) AND event_type = 'run.finished' LIMIT 1)

WITH (
    SELECT arraySort(groupArray((observed_at, concat(substring(toString(event_type), 5), ' ', toString(state)), state = 'finished' AND properties['filter'] IN ('', '{}'))))
    FROM polo.resource_events
    WHERE ts > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16}) AND event_type IN ('dlq.replayed', 'dlq.purged')
) AS acts
SELECT
    of AS source, n AS rejected, ended AS runs, first_run, last_run, if(empty(since), '', since[-1].2) AS last_act,
    if(empty(since), 'wrong', 'unknown') AS verdict
FROM
(
    SELECT
        toString(r.source) AS of, sum(toUInt64OrZero(properties['rejected'])) AS n, count() AS ended, min(ts) AS first_run, max(ts) AS last_run, max(observed_at) AS told,
        arrayFilter(a -> a.1 > told, acts) AS since
    FROM polo.resource_events AS r
    WHERE ts > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16}) AND ts <= {at:DateTime64(3, 'UTC')} AND event_type = 'run.finished' AND properties['rejected'] NOT IN ('', '0')
    GROUP BY of
)
WHERE rejected >= {least:UInt32} AND NOT arrayExists(a -> a.3, since)
ORDER BY verdict DESC, rejected DESC, source
LIMIT {limit:UInt32} + 1
