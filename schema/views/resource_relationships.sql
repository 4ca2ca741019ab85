-- resource_relationships: the edges between resources, from the events of all time, with the times each was
-- first and last seen. It reads resource_events itself, for the same reasons as resource_ancestry.

CREATE OR REPLACE VIEW polo.resource_relationships{{on_cluster}}
(
    arn String COMMENT 'Key of the resource',
    type LowCardinality(String) COMMENT 'How it relates to the target: attached_to, uses_role',
    target_arn String COMMENT 'Key of the resource that it relates to',
    first_seen DateTime64(3, 'UTC') COMMENT 'When an event first said so, UTC',
    last_seen DateTime64(3, 'UTC') COMMENT 'When an event last said so, UTC'
)
AS SELECT
    arn,
    type,
    target_arn,
    min(seen) AS first_seen,
    max(seen) AS last_seen
FROM
(
    SELECT arn, type, target_arn, ts AS seen
    FROM polo.resource_events FINAL
    ARRAY JOIN relations.type AS type, relations.target_arn AS target_arn
    WHERE arn != ''
)
GROUP BY arn, type, target_arn
COMMENT 'One row for each edge from a resource to another: its type, when first and last seen';
