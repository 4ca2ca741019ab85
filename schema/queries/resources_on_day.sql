-- title: Resources on a day
-- group: inventory
-- text: What was there at the end of a day (UTC), in the order of the ARNs: neither deleted by then nor missed by a scan that had completed by
-- text: then. Each field is as last said by then, since the last snapshot or creation, as in resources_current.
-- param: day Date32 | default today-1d | min 2000-01-01 | max today+1d | The day
-- param: after String | max 2048 | Only ARNs behind this one
-- use: resources_at
-- use: resource_filter
-- rows: 100 10000
-- cache: 60
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: state String | State, in the source's words
-- column: customer String | Whose it was
-- column: cluster String | Cluster it belonged to
-- column: last_seen DateTime64(3, 'UTC') | UTC | When something was last said of it by then
-- column: tags Map(String, String) | Its tags

SELECT
    arn, resource_type, resource_name, account_id, region, state, marqo_customer AS customer, marqo_cluster AS cluster, seen AS last_seen,
    CAST(r.tags, 'Map(String, String)') AS tags
FROM {{resources_at at=day}} AS r
WHERE arn > {after:String} AND {{resource_filter}}
ORDER BY arn
LIMIT {limit:UInt32} + 1
