-- title: What a resource is in
-- group: inventory
-- text: The hierarchy above a resource, the nearest first: subnet, VPC, region, account, organisation; of all time.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- rows: 50 1000
-- cache: 30
-- column: depth UInt32 | steps | How far up; 1 is the nearest
-- column: ancestor_arn String | The ancestor
-- column: resource_type String | Its type; empty where it is not there now
-- column: resource_name String | Its name
-- column: first_seen DateTime64(3, 'UTC') | UTC | When an event first named it as an ancestor
-- column: last_seen DateTime64(3, 'UTC') | UTC | When an event last did

SELECT
    a.depth AS depth, a.ancestor_arn AS ancestor_arn, toString(r.resource_type) AS resource_type, r.resource_name AS resource_name,
    a.first_seen AS first_seen, a.last_seen AS last_seen
FROM (SELECT ancestor_arn, toUInt32(depth) AS depth, first_seen, last_seen FROM polo.resource_ancestry WHERE arn = {arn:String}) AS a
LEFT ANY JOIN
(
    SELECT arn, resource_type, resource_name FROM polo.resources_current
    WHERE arn GLOBAL IN (SELECT ancestor_arn FROM polo.resource_ancestry WHERE arn = {arn:String})
) AS r ON a.ancestor_arn = r.arn
ORDER BY depth, ancestor_arn
LIMIT {limit:UInt32} + 1
