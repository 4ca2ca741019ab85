-- title: What depends on a resource
-- group: inventory
-- text: What is in a resource or relates to it, and what depends on that in turn, down to a depth. Only resources that are there now.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- param: depth UInt8 | default 5 | min 1 | max 10 | How far down
-- rows: 500 10000
-- cache: 30
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: depth UInt8 | steps | How far down at the nearest
-- column: via_type String | The edge by which it depends there: attached_to, or in for what is in it
-- column: via_arn String | What it depends on there

WITH RECURSIVE
    all_edges AS
    (
        SELECT groupArray((arn, edge.1, edge.2)) AS list
        FROM
        (
            SELECT arn, arrayJoin(arrayDistinct(arrayConcat(
                arrayMap(r -> (toString(r.1), r.2), relations), arrayMap(a -> ('in', a), ancestors)))) AS edge
            FROM polo.resources_current
        )
        WHERE edge.2 != arn
    ),
    dependents AS
    (
        SELECT {arn:String} AS arn, toUInt8(0) AS depth, '' AS via_type, '' AS via_arn
        UNION ALL
        SELECT e.arn AS arn, toUInt8(e.depth + 1) AS depth, min(e.way).1 AS via_type, min(e.way).2 AS via_arn
        FROM
        (
            SELECT edge.1 AS arn, d.depth AS depth, (edge.2, edge.3) AS way
            FROM (SELECT arrayJoin((SELECT list FROM all_edges)) AS edge) AS a
            INNER JOIN dependents AS d ON edge.3 = d.arn
            WHERE d.depth < {depth:UInt8}
        ) AS e
        GROUP BY arn, depth
    )
SELECT
    d.arn AS arn, toString(r.resource_type) AS resource_type, r.resource_name AS resource_name, toString(r.account_id) AS account_id,
    d.nearest.1 AS depth, d.nearest.2 AS via_type, d.nearest.3 AS via_arn
FROM
(
    SELECT arn, min((depth, via_type, via_arn)) AS nearest
    FROM dependents
    WHERE depth > 0 AND arn != {arn:String}
    GROUP BY arn
) AS d
LEFT ANY JOIN (SELECT arn, resource_type, resource_name, account_id FROM polo.resources_current) AS r ON d.arn = r.arn
ORDER BY depth, resource_type, arn
LIMIT {limit:UInt32} + 1
