-- title: Two days compared
-- group: inventory
-- text: What came, went or changed between the ends of two days (UTC): state, name, owner and tags.
-- param: day Date32 | default today-1d | min 2000-01-01 | max today+1d | The later day
-- param: before Date32 | default today-8d | min 2000-01-01 | max today+1d | The earlier day
-- param: change Array(String) | items 3 | in appeared, gone, changed | Only these changes; empty is all
-- period: before day 1200
-- use: resources_at
-- use: resource_filter
-- rows: 200 10000
-- cache: 60
-- column: change String | appeared, gone or changed
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: changed Array(String) | Of what changed, which: state, name, customer, cluster, tags
-- column: state_before String | State on the earlier day
-- column: state_after String | State on the later day
-- column: customer String | Whose it is, on the later day where it was there

SELECT
    multiIf(was = 0, 'appeared', is = 0, 'gone', 'changed') AS change,
    arn, kind_of AS resource_type, name AS resource_name, account AS account_id, place AS region,
    if(change = 'changed', arrayFilter((name, differs) -> differs, ['state', 'name', 'customer', 'cluster', 'tags'],
        [old.1 != new.1, old.2 != new.2, old.3 != new.3, old.4 != new.4, old.5 != new.5]), []) AS changed,
    old.1 AS state_before, new.1 AS state_after, if(is = 1, new.3, old.3) AS customer
FROM
(
    SELECT
        arn, countIf(later) AS is, countIf(NOT later) AS was,
        max(resource_type) AS kind_of, argMax(resource_name, later) AS name, max(account_id) AS account, max(region) AS place,
        anyIf((state, resource_name, marqo_customer, marqo_cluster, toString(mapSort(tags))), NOT later) AS old,
        anyIf((state, resource_name, marqo_customer, marqo_cluster, toString(mapSort(tags))), later) AS new
    FROM
    (
        SELECT *, false AS later FROM {{resources_at at=before}}
        UNION ALL
        SELECT *, true AS later FROM {{resources_at at=day}}
    ) AS r
    WHERE {{resource_filter}}
    GROUP BY arn
)
WHERE (is = 0 OR was = 0 OR old != new) [[AND has({change:Array(String)}, change)]]
ORDER BY change, resource_type, arn
LIMIT {limit:UInt32} + 1
