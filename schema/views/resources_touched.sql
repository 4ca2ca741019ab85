-- resources_touched: the state of each resource, deleted ones included, as in resource_rollups; of those of which something
-- came or went since they were folded, it is folded now.
--
-- The first branch has no rows: it asks what has changed before the tables below are opened, so that they have all that it names.

CREATE OR REPLACE VIEW polo.resources_touched{{on_cluster}}
(
    {{template "state_declared"}}
)
AS WITH
    (
        {{template "changed_resources" "(SELECT minute FROM polo.resource_minutes)"}}
    ) AS plan
SELECT *
FROM
(
    SELECT
        2::UInt8 AS kind, '' AS key,
        {{template "state_of_nothing"}}
    WHERE length(plan.1) > 1000000000
    UNION ALL
    SELECT
        kind, key,
        {{template "state_columns"}}
    FROM polo.resource_rollups
    WHERE kind = 2 AND key NOT IN (SELECT arrayJoin(plan.1))
    SETTINGS final = 1
    UNION ALL
    SELECT
        2, key,
        {{template "state_columns"}}
    FROM
    (
        {{template "folded_resources"}}
    )
)
COMMENT 'Internal: the state of each resource, from what is stored and what changed since';
