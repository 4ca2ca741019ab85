-- title: Denied calls
-- group: activity
-- text: Who was refused what for lack of rights, and how often.
-- use: event_filter
-- rows: 100 5000
-- cache: 30
-- column: actor String | Who
-- column: service String | Service
-- column: call String | The API call
-- column: error_code String | The API's error
-- column: account_id String | Account
-- column: times UInt64 | calls | How often
-- column: resources UInt64 | resources | On how many resources, of those that are known
-- column: first DateTime64(3, 'UTC') | UTC | The first
-- column: last DateTime64(3, 'UTC') | UTC | The last

SELECT
    e.actor AS actor, toString(e.service) AS service, properties['event_name'] AS call, toString(e.error_code) AS error_code,
    toString(e.account_id) AS account_id, count() AS times, uniqExactIf(arn, arn != '') AS resources, min(ts) AS first, max(ts) AS last
FROM polo.resource_events AS e FINAL
WHERE {{event_filter}} AND startsWith(event_type, 'activity.') AND (error_code LIKE '%AccessDenied%' OR error_code LIKE '%Unauthorized%' OR error_code = 'Client.OperationNotPermitted')
GROUP BY actor, service, call, error_code, account_id
ORDER BY times DESC, actor, service, call, error_code, account_id
LIMIT {limit:UInt32} + 1
