-- resource_ancestry and resource_relationships: the hierarchy and the edges
-- between resources that any event carried, with when each was first and last
-- seen.
--
-- They read resource_events itself. A restatement that drops an edge does not
-- name it, so a table keyed by edge could not be told; only the event's own key
-- finds what is to go. A table keyed by event would need every event, those
-- without edges too, and have every column that is read here: a copy.

CREATE VIEW IF NOT EXISTS polo.resource_ancestry{{on_cluster}}
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
GROUP BY arn, ancestor_arn;

CREATE VIEW IF NOT EXISTS polo.resource_relationships{{on_cluster}}
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
GROUP BY arn, type, target_arn;
