-- title: Edges of a resource
-- group: inventory
-- text: What a resource relates to (out), and what relates to it (in), of all time.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- rows: 200 10000
-- cache: 30
-- column: direction String | out (from the resource) or in (to it)
-- column: type String | How: attached_to, member_of, uses_role
-- column: other_arn String | The other end
-- column: other_type String | Type of the other end; empty where it is not there now
-- column: other_name String | Name of the other end
-- column: other_exists Bool | Whether the other end is there now
-- column: first_seen DateTime64(3, 'UTC') | UTC | When an event first named the edge
-- column: last_seen DateTime64(3, 'UTC') | UTC | When an event last named it

WITH
    edges AS
    (
        SELECT 'out' AS direction, toString(kind) AS type, target AS other_arn, min(ts) AS first_seen, max(ts) AS last_seen
        FROM polo.resource_events FINAL
        ARRAY JOIN relations.type AS kind, relations.target_arn AS target
        WHERE arn = {arn:String}
        GROUP BY kind, target
        UNION ALL
        SELECT 'in' AS direction, toString(kind) AS type, arn AS other_arn, min(ts) AS first_seen, max(ts) AS last_seen
        FROM polo.resource_events FINAL
        ARRAY JOIN relations.type AS kind, relations.target_arn AS target
        WHERE has(relations.target_arn, {arn:String}) AND target = {arn:String} AND arn NOT IN ('', {arn:String})
        GROUP BY kind, arn
    )
SELECT
    e.direction AS direction, e.type AS type, e.other_arn AS other_arn, toString(r.resource_type) AS other_type, r.resource_name AS other_name,
    r.present AS other_exists, e.first_seen AS first_seen, e.last_seen AS last_seen
FROM edges AS e
LEFT ANY JOIN
(
    SELECT arn, resource_type, resource_name, true AS present FROM polo.resources_current WHERE arn GLOBAL IN (SELECT other_arn FROM edges)
) AS r ON e.other_arn = r.arn
ORDER BY direction DESC, type, other_arn
LIMIT {limit:UInt32} + 1
