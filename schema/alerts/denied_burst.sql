-- title: Burst of denied calls
-- text: Somebody is refused again and again for lack of rights: a stolen key that is tried out, or a program whose role lacks a permission. Calls come some minutes
-- text: late, so that bursts of the last hours count. While activity cannot be read, a burst of the last day neither fires nor resolves.
-- severity: high
-- runbook: burst-of-denied-calls
-- for: 1
-- keep_firing: 0
-- group_by: actor
-- repeat: 24h
-- route: security
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: calls UInt16 | default 20 | min 1 | max 10000 | At least so many denied calls
-- param: minutes UInt16 | default 15 | min 1 | max 1440 | Within so many minutes
-- param: hours UInt8 | default 3 | min 1 | max 24 | That ended in the last so many hours
-- param: ignore Array(String) | max 300 | items 50 | Actors that do not count: * stands for any text
-- rows: 500 5000
-- label: actor String | Who: the ARN of a principal where there is one, or (none)
-- column: calls UInt64 | calls | Denied calls of the last day
-- column: first DateTime64(3, 'UTC') | UTC | The first of its last burst's calls
-- column: last DateTime64(3, 'UTC') | UTC | The last denied call
-- column: accounts Array(String) | Accounts where it was refused, at most 10
-- column: calls_denied Array(String) | What was refused, at most 10: service and call
-- column: source_ips Array(String) | From where, at most 10
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.resource_events WHERE ts > now64(3, 'UTC') - toIntervalDay(1) AND startsWith(event_type, 'activity.') LIMIT 1)

WITH (
    SELECT count() > 0
    FROM polo.coverage_gaps
    WHERE (source = 'aws.cloudtrail' OR endsWith(source, '.audit')) AND last_gap > {at:DateTime64(3, 'UTC')} - toIntervalDay(1)
) AS unread
SELECT
    if(who = '', '(none)', who) AS actor, n AS calls, bursts[-1].1 AS first, latest AS last, accounts, calls_denied, source_ips,
    if(bursts[-1].2 > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt8}), 'wrong', 'unknown') AS verdict
FROM
(
    SELECT
        e.actor AS who, count() AS n, max(ts) AS latest, arraySort(groupArray(ts)) AS times,
        -- The first and the last call of each run of so many that is short enough, in order.
        arrayFilter(b -> dateDiff('second', b.1, b.2) <= 60 * toInt32({minutes:UInt16}), arrayZip(
            arraySlice(times, 1, greatest(0, toInt32(length(times)) - {calls:UInt16} + 1)), arraySlice(times, {calls:UInt16}))) AS bursts,
        arraySort(groupUniqArray(10)(toString(e.account_id))) AS accounts,
        arraySort(groupUniqArray(10)(concat(toString(e.service), ' ', properties['event_name']))) AS calls_denied,
        arraySort(groupUniqArrayIf(10)(properties['source_ip'], properties['source_ip'] != '')) AS source_ips
    FROM polo.resource_events AS e
    WHERE ts > {at:DateTime64(3, 'UTC')} - toIntervalDay(1) AND ts <= {at:DateTime64(3, 'UTC')} AND startsWith(event_type, 'activity.')
        AND (error_code LIKE '%AccessDenied%' OR error_code LIKE '%Unauthorized%' OR error_code = 'Client.OperationNotPermitted')
        [[AND NOT arrayExists(p -> like(e.actor, replaceAll(replaceAll(replaceAll(p, '\\', '\\\\'), '_', '\\_'), '*', '%')), {ignore:Array(String)})]]
    GROUP BY who
    HAVING notEmpty(bursts)
)
WHERE verdict = 'wrong' OR unread
ORDER BY verdict DESC, calls DESC, actor
LIMIT {limit:UInt32} + 1
