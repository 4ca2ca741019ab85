-- title: Source has gone silent
-- text: A collector has not told of any scan for several times as long as it usually takes between two. What its tables say is as old as that. One that scans and
-- text: reads nothing to its end is told by coverage_gap: here it neither fires nor resolves. A source without a scan in all the days looked at counts as retired.
-- severity: high
-- runbook: no-events-from-a-collector
-- for: 2
-- keep_firing: 0
-- group_by: source
-- repeat: 24h
-- route: platform
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: days UInt16 | default 30 | min 2 | max 400 | Only sources with a scan in so many days back
-- param: times UInt8 | default 3 | min 2 | max 100 | Silent for more than so many times the usual time between two scans
-- param: hours UInt16 | default 2 | min 0 | max 10000 | And for more than so many hours
-- rows: 200 1000
-- label: source String | Source
-- column: last_scan DateTime64(3, 'UTC') | UTC | When a scan of it was last told of, whole or not
-- column: last_completed Nullable(DateTime64(3, 'UTC')) | UTC | When something of it was last read to its end; null for never in those days
-- column: silent Int64 | seconds | From the last scan until the evaluation
-- column: usual Int64 | seconds | The usual time between two scans: the median, or a day where there was but one
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.scans WHERE ts > now64(3, 'UTC') - toIntervalDay(400) LIMIT 1)

SELECT
    name AS source, seen[-1] AS last_scan, completed AS last_completed,
    dateDiff('second', last_scan, {at:DateTime64(3, 'UTC')}) AS silent, toInt64(between) AS usual,
    if(silent > most, 'wrong', 'unknown') AS verdict
FROM
(
    SELECT
        toString(source) AS name, arraySort(groupUniqArray(observed_at)) AS seen, maxOrNullIf(observed_at, event_type = 'scan.completed') AS completed,
        if(length(seen) < 2, 86400., arrayReduce('median', arrayMap(i -> dateDiff('millisecond', seen[i], seen[i + 1]) / 1000, range(1, length(seen))))) AS between,
        greatest(between * {times:UInt8}, 3600 * {hours:UInt16}) AS most
    FROM polo.scans
    WHERE observed_at > {at:DateTime64(3, 'UTC')} - toIntervalDay({days:UInt16}) AND observed_at <= {at:DateTime64(3, 'UTC')} AND event_type IN ('scan.completed', 'scan.incomplete')
    GROUP BY name
)
WHERE silent > most OR ifNull(dateDiff('second', last_completed, {at:DateTime64(3, 'UTC')}) > most, true)
ORDER BY verdict DESC, silent DESC, source
LIMIT {limit:UInt32} + 1
