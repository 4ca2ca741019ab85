-- title: Break-glass access in use
-- text: Somebody uses access that is kept for emergencies. If there is an emergency, people know of it; else somebody goes around what protects everything.
-- text: While activity cannot be read, the use of the days before neither fires nor resolves.
-- severity: critical
-- runbook: root-or-break-glass-in-use
-- for: 1
-- keep_firing: 0
-- group_by: actor
-- repeat: 24h
-- route: security
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: hours UInt16 | default 24 | min 1 | max 168 | In the last so many hours
-- param: patterns Array(String) | default *break-glass*,*breakglass*,*break_glass*,*emergency-access*,*emergencyaccess* | min 1 | max 300 | items 50 | Actors that are such access, in any case of letters: * stands for any text
-- rows: 500 5000
-- label: actor String | Who
-- label: account_id String | Account
-- column: times UInt64 | calls | Calls and sign-ins
-- column: writes UInt64 | calls | Calls that were not for reading only
-- column: calls Array(String) | What was called, at most 10
-- column: source_ips Array(String) | From where, at most 10
-- column: first DateTime64(3, 'UTC') | UTC | The first
-- column: last DateTime64(3, 'UTC') | UTC | The last
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.resource_events WHERE ts > now64(3, 'UTC') - toIntervalDay(1) AND startsWith(event_type, 'activity.') LIMIT 1)

WITH
    (
        SELECT count() > 0
        FROM polo.coverage_gaps
        WHERE (source = 'aws.cloudtrail' OR endsWith(source, '.audit')) AND last_gap > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16})
    ) AS unread,
    arrayMap(p -> replaceAll(replaceAll(replaceAll(lower(p), '\\', '\\\\'), '_', '\\_'), '*', '%'), {patterns:Array(String)}) AS forms
SELECT
    e.actor AS actor, toString(e.account_id) AS account_id,
    count() AS times, countIf(properties['read_only'] != 'true') AS writes,
    arraySort(groupUniqArray(10)(properties['event_name'])) AS calls,
    arraySort(groupUniqArrayIf(10)(properties['source_ip'], properties['source_ip'] != '')) AS source_ips,
    min(ts) AS first, max(ts) AS last,
    if(last > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16}), 'wrong', 'unknown') AS verdict
FROM polo.resource_events AS e
WHERE ts > {at:DateTime64(3, 'UTC')} - toIntervalHour(2 * {hours:UInt16}) AND ts <= {at:DateTime64(3, 'UTC')} AND startsWith(event_type, 'activity.')
    AND e.actor != '' AND arrayExists(f -> like(lower(e.actor), f), forms)
GROUP BY actor, account_id
HAVING verdict = 'wrong' OR unread
ORDER BY verdict DESC, last DESC, actor, account_id
LIMIT {limit:UInt32} + 1
