-- title: Resources that are there now
-- group: inventory
-- text: In the order of their ARNs. The next page begins after the last ARN of this one.
-- param: after String | max 2048 | Only ARNs behind this one
-- use: inventory_filter
-- use: resource_filter
-- rows: 100 10000
-- cache: 10
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: state String | State, in the source's words
-- column: customer String | Whose it is
-- column: cluster String | Cluster it belongs to
-- column: index String | Index it belongs to
-- column: first_seen DateTime64(3, 'UTC') | UTC | When something was first said of it
-- column: last_seen DateTime64(3, 'UTC') | UTC | When something was last said of it
-- column: tags Map(String, String) | Its tags

SELECT
    r.arn AS arn, toString(r.resource_type) AS resource_type, r.resource_name AS resource_name, toString(r.account_id) AS account_id, toString(r.region) AS region, toString(r.state) AS state,
    toString(marqo_customer) AS customer, toString(marqo_cluster) AS cluster, toString(marqo_index) AS index,
    first_ts AS first_seen, last_ts AS last_seen, CAST(r.tags, 'Map(String, String)') AS tags
FROM polo.resources_current AS r
WHERE r.arn > {after:String} AND {{inventory_filter}} AND {{resource_filter}}
ORDER BY arn
LIMIT {limit:UInt32} + 1
