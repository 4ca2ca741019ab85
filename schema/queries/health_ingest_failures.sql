-- title: Ingest failures
-- group: health
-- text: Runs of the collectors by source: how many left gaps, and what they sent to the dead-letter queue. What the consumer sent there is not in
-- text: ClickHouse: dlq-replay lists all of it.
-- param: days UInt16 | default 7 | min 1 | max 400 | Only runs of so many days back
-- rows: 100 1000
-- cache: 30
-- column: source String | Source
-- column: runs UInt64 | runs | Runs that ended
-- column: runs_with_gaps UInt64 | runs | Those that left something unread
-- column: events UInt64 | events | Events that they published
-- column: rejected UInt64 | events | Events that they sent to the dead-letter queue
-- column: gaps UInt64 | gaps | What they could not read
-- column: unread UInt64 | scopes | Accounts and regions that they had no time for
-- column: throttles UInt64 | requests | Requests that the source throttled
-- column: last_run DateTime64(3, 'UTC') | UTC | The scheduled time of the last
-- column: last_state String | complete or with_gaps
-- column: last_gaps String | The last run's gaps by reason, as JSON

SELECT
    toString(r.source) AS source, count() AS runs, countIf(state = 'with_gaps') AS runs_with_gaps,
    sum(toUInt64OrZero(properties['events'])) AS events, sum(toUInt64OrZero(properties['rejected'])) AS rejected,
    sum(toUInt64OrZero(properties['gaps'])) AS gaps, sum(toUInt64OrZero(properties['scopes_unread'])) AS unread,
    sum(toUInt64OrZero(properties['throttles'])) AS throttles,
    max(ts) AS last_run, toString(argMax(state, (ts, event_id))) AS last_state, argMax(properties['gaps_by_reason'], (ts, event_id)) AS last_gaps
FROM polo.resource_events AS r FINAL
WHERE event_type = 'run.finished' AND ts >= now64(3, 'UTC') - toIntervalDay({days:UInt16})
GROUP BY source
ORDER BY rejected DESC, gaps DESC, source
LIMIT {limit:UInt32} + 1
