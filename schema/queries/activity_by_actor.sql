-- title: Who did what
-- group: activity
-- text: Calls by actor: how many, how many changed something or failed, and where.
-- use: event_filter
-- rows: 50 5000
-- cache: 30
-- column: actor String | Who: the ARN of a principal where there is one, or (none)
-- column: calls UInt64 | calls | API calls and other activities
-- column: writes UInt64 | calls | Calls that were not for reading only
-- column: failed UInt64 | calls | Calls that ended with an error
-- column: denied UInt64 | calls | Calls that were refused for lack of rights
-- column: services UInt64 | services | Services called
-- column: accounts UInt64 | accounts | Accounts called
-- column: top_call String | The most frequent call
-- column: first DateTime64(3, 'UTC') | UTC | The first
-- column: last DateTime64(3, 'UTC') | UTC | The last

WITH sumMap([properties['event_name']], [toUInt64(1)]) AS counts
SELECT
    if(e.actor = '', '(none)', e.actor) AS actor, count() AS calls, countIf(properties['read_only'] != 'true') AS writes,
    countIf(error_code != '') AS failed, countIf((error_code LIKE '%AccessDenied%' OR error_code LIKE '%Unauthorized%' OR error_code = 'Client.OperationNotPermitted')) AS denied,
    uniqExact(service) AS services, uniqExact(account_id) AS accounts, arraySort((call, times) -> (-toInt64(times), call), counts.1, counts.2)[1] AS top_call,
    min(ts) AS first, max(ts) AS last
FROM polo.resource_events AS e FINAL
WHERE {{event_filter}} AND startsWith(event_type, 'activity.')
GROUP BY e.actor
ORDER BY calls DESC, actor
LIMIT {limit:UInt32} + 1
