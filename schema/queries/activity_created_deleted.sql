-- title: Created and deleted
-- group: activity
-- text: Resources that were created or deleted in a period, by whom, and how long those lived that were both.
-- param: only String | default all | in all, created, deleted, both | Which of them
-- use: event_filter
-- rows: 100 10000
-- cache: 30
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: created_at Nullable(DateTime64(3, 'UTC')) | UTC | When it was created, in the period
-- column: created_by String | Who created it
-- column: deleted_at Nullable(DateTime64(3, 'UTC')) | UTC | When it was deleted, in the period
-- column: deleted_by String | Who deleted it
-- column: lived Nullable(Int64) | seconds | From its creation to its deletion

SELECT
    arn, kind_of AS resource_type, name AS resource_name, account AS account_id, place AS region, created_at, created_by, deleted_at, deleted_by,
    if(deleted_at >= created_at, dateDiff('second', created_at, deleted_at), NULL) AS lived
FROM
(
    SELECT
        arn, toString(max(resource_type)) AS kind_of, max(resource_name) AS name, toString(max(account_id)) AS account, toString(max(region)) AS place,
        minOrNullIf(ts, event_type = 'resource.created') AS created_at, argMinIf(e.actor, (ts, event_id), event_type = 'resource.created') AS created_by,
        maxOrNullIf(ts, event_type = 'resource.deleted') AS deleted_at, argMaxIf(e.actor, (ts, event_id), event_type = 'resource.deleted') AS deleted_by
    FROM polo.resource_events AS e FINAL
    WHERE {{event_filter}} AND event_type IN ('resource.created', 'resource.deleted') AND error_code = '' AND arn != ''
    GROUP BY arn
)
WHERE multiIf({only:String} = 'created', created_at IS NOT NULL, {only:String} = 'deleted', deleted_at IS NOT NULL,
    {only:String} = 'both', created_at IS NOT NULL AND deleted_at IS NOT NULL, true)
ORDER BY ifNull(greatest(created_at, deleted_at), ifNull(created_at, deleted_at)) DESC, arn
LIMIT {limit:UInt32} + 1
