-- resource_ancestry: the hierarchy above each resource, from the events of all time, with the times each
-- ancestor was first and last seen.
--
-- It reads resource_events itself. A restatement that drops an ancestor does not name it, so it cannot update
-- a table keyed by edge: only the event's own key finds the row to replace. A table keyed by event would need
-- every event, even those without edges, and every column that is read here. It would be a copy.

CREATE OR REPLACE VIEW polo.resource_ancestry{{on_cluster}}
(
    arn String COMMENT 'Key of the resource',
    ancestor_arn String COMMENT 'Key of what it is in',
    depth UInt32 COMMENT '1 for what it is directly in, 2 for what that is in, and so on',
    first_seen DateTime64(3, 'UTC') COMMENT 'When an event first said so, UTC',
    last_seen DateTime64(3, 'UTC') COMMENT 'When an event last said so, UTC'
)
AS SELECT
    arn,
    ancestor_arn,
    argMax(level, (seen, event_id, -toInt64(level))) AS depth,
    min(seen) AS first_seen,
    max(seen) AS last_seen
FROM
(
    SELECT arn, ancestor_arn, level, ts AS seen, event_id
    FROM polo.resource_events FINAL
    ARRAY JOIN ancestors AS ancestor_arn, arrayEnumerate(ancestors) AS level
    WHERE arn != ''
)
GROUP BY arn, ancestor_arn
COMMENT 'One row for each resource and ancestor: how far up (depth, 1 the nearest), when first and last seen';
