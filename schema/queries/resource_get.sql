-- title: One resource
-- group: inventory
-- text: What is known of a resource: as it is now, or as it was last if it is gone. No row: nothing was ever said of it.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- rows: 1 1
-- cache: 10
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: exists Bool | Whether it is there now
-- column: platform String | Platform
-- column: account_id String | Account
-- column: account_name String | The account's name
-- column: account_role String | What the account is for, at present
-- column: region String | Region
-- column: service String | Service
-- column: resource_id String | Its id within its type
-- column: state String | State, in the source's words
-- column: customer String | Whose it is
-- column: customer_tier String | The customer's tier, at present
-- column: cluster String | Cluster it belongs to
-- column: index String | Index it belongs to
-- column: source String | Which source spoke of it last
-- column: first_seen DateTime64(3, 'UTC') | UTC | When something was first said of it
-- column: last_seen DateTime64(3, 'UTC') | UTC | When something was last said of it
-- column: ancestors Array(String) | ARNs of what it is in, nearest first
-- column: tags Map(String, String) | Its tags
-- column: properties Map(String, String) | Whatever else its type has

SELECT
    r.arn AS arn, toString(r.resource_type) AS resource_type, r.resource_name AS resource_name, r.present AS exists, toString(r.platform) AS platform,
    toString(r.account_id) AS account_id, a.name AS account_name, a.role AS account_role,
    toString(r.region) AS region, toString(r.service) AS service, r.resource_id AS resource_id, toString(r.state) AS state,
    toString(r.marqo_customer) AS customer, c.tier AS customer_tier, toString(r.marqo_cluster) AS cluster, toString(r.marqo_index) AS index,
    toString(r.source) AS source, r.first_ts AS first_seen, r.last_ts AS last_seen, r.ancestors AS ancestors,
    CAST(r.tags, 'Map(String, String)') AS tags, CAST(r.properties, 'Map(String, String)') AS properties
FROM
(
    SELECT true AS present, arn, source, event_id, platform, account_id, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, state, ancestors, tags, properties, first_ts, last_ts FROM polo.resources_current WHERE arn = {arn:String}
    UNION ALL
    SELECT false AS present, arn, source, event_id, platform, account_id, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, state, ancestors, tags, properties, min(first_ts) OVER () AS first_ts, last_ts FROM polo.resource_snapshots WHERE arn = {arn:String}
) AS r
LEFT ANY JOIN (SELECT platform, account_id, name, toString(role) AS role FROM polo.accounts) AS a ON toString(r.platform) = a.platform AND toString(r.account_id) = a.account_id
LEFT ANY JOIN (SELECT customer, toString(tier) AS tier FROM polo.customer_metadata FINAL) AS c ON toString(r.marqo_customer) = c.customer
ORDER BY exists DESC, last_seen DESC
LIMIT 1 BY arn
LIMIT {limit:UInt32} + 1
