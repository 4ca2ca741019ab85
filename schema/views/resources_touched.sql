-- resources_touched: the state of each resource, deleted ones included, as in resource_rollups; of those of which something
-- came or went since they were folded, it is folded now.
--
-- The first branch has no rows: it asks what has changed before the tables below are opened, so that they have all that it names.

CREATE OR REPLACE VIEW polo.resources_touched{{on_cluster}}
(
    kind UInt8 COMMENT '2',
    key String COMMENT 'ARN of the resource',
    event_id UUID COMMENT 'As in resource_rollups',
    event_type String COMMENT 'As in resource_rollups',
    source String COMMENT 'As in resource_rollups',
    observed_at DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    platform String COMMENT 'As in resource_rollups',
    account_id String COMMENT 'As in resource_rollups',
    account_role String COMMENT 'As in resource_rollups',
    region String COMMENT 'As in resource_rollups',
    service String COMMENT 'As in resource_rollups',
    resource_type String COMMENT 'As in resource_rollups',
    resource_id String COMMENT 'As in resource_rollups',
    resource_name String COMMENT 'As in resource_rollups',
    marqo_customer String COMMENT 'As in resource_rollups',
    marqo_cluster String COMMENT 'As in resource_rollups',
    marqo_index String COMMENT 'As in resource_rollups',
    actor String COMMENT 'As in resource_rollups',
    state String COMMENT 'As in resource_rollups',
    ancestors Array(String) COMMENT 'As in resource_rollups',
    relations Array(Tuple(String, String)) COMMENT 'As in resource_rollups',
    tags Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    properties Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    first_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    last_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups'
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
        toUUID('00000000-0000-0000-0000-000000000000') AS event_id, '' AS event_type, '' AS source, toDateTime64(0, 3, 'UTC') AS observed_at, '' AS platform,
        '' AS account_id, '' AS account_role, '' AS region, '' AS service, '' AS resource_type,
        '' AS resource_id, '' AS resource_name, '' AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
        '' AS actor, '' AS state, []::Array(String) AS ancestors, []::Array(Tuple(String, String)) AS relations, CAST(map(), 'Map(LowCardinality(String), String)') AS tags,
        CAST(map(), 'Map(LowCardinality(String), String)') AS properties, toDateTime64(0, 3, 'UTC') AS first_ts, toDateTime64(0, 3, 'UTC') AS last_ts
    WHERE length(plan.1) > 1000000000
    UNION ALL
    SELECT
        kind, key,
        event_id, event_type, source, observed_at, platform, account_id, account_role, region,
        service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor,
        state, ancestors, relations, tags, properties, first_ts, last_ts
    FROM polo.resource_rollups
    WHERE kind = 2 AND key NOT IN (SELECT arrayJoin(plan.1))
    SETTINGS final = 1
    UNION ALL
    SELECT
        2, key,
        event_id, event_type, source, observed_at, platform, account_id, account_role, region,
        service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor,
        state, ancestors, relations, tags, properties, first_ts, last_ts
    FROM
    (
        {{template "folded_resources"}}
    )
)
COMMENT 'Internal: the state of each resource, from what is stored and what changed since';
