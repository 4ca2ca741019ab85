-- title: Changes
-- group: activity
-- text: What was created, updated and deleted, the latest first, and by whom. Only calls that succeeded.
-- param: change Array(String) | items 3 | in created, updated, deleted | Only these changes; empty is all
-- use: event_filter
-- rows: 100 10000
-- cache: 10
-- column: ts DateTime64(3, 'UTC') | UTC | When
-- column: change String | created, updated or deleted
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: call String | The API call, where there was one
-- column: actor String | Who did it
-- column: account_id String | Account
-- column: region String | Region
-- column: source String | Which source tells it
-- column: event_id UUID | The event

SELECT
    e.ts AS ts, splitByChar('.', toString(event_type))[2] AS change, e.arn AS arn, toString(e.resource_type) AS resource_type, e.resource_name AS resource_name, properties['event_name'] AS call, e.actor AS actor,
    toString(e.account_id) AS account_id, toString(e.region) AS region, toString(e.source) AS source, e.event_id AS event_id
FROM polo.resource_events AS e FINAL
WHERE {{event_filter}} AND event_type IN ('resource.created', 'resource.updated', 'resource.deleted') AND error_code = ''
    [[AND has({change:Array(String)}, change)]]
ORDER BY ts DESC, event_id
LIMIT {limit:UInt32} + 1
