-- resources_live: the state of each resource that was not deleted, from all its events, as in resource_rollups.
--
-- The query finds the last whole event of each resource by its key first, then reads and combines the events
-- after it. Unselected columns cost nothing.

CREATE OR REPLACE VIEW polo.resources_live{{on_cluster}}
(
    {{template "state_declared"}}
)
AS SELECT * EXCEPT (tag_keys, tag_values, property_keys, property_values)
FROM
(
    SELECT
        2::UInt8 AS kind,
        s.arn AS key,
        argMax(s.event_id, s.place) AS event_id,
        argMax(s.event_type, s.place) AS event_type,
        argMax(s.source, s.place) AS source,
        argMax(s.observed_at, s.place) AS observed_at,
        argMaxIf(s.platform, s.place, s.whole OR s.platform != '') AS platform,
        argMaxIf(s.account_id, s.place, s.whole OR s.account_id != '') AS account_id,
        argMaxIf(s.account_role, s.place, s.whole OR s.account_role != '') AS account_role,
        argMaxIf(s.region, s.place, s.whole OR s.region != '') AS region,
        argMaxIf(s.service, s.place, s.whole OR s.service != '') AS service,
        argMaxIf(s.resource_type, s.place, s.whole OR s.resource_type != '') AS resource_type,
        argMaxIf(s.resource_id, s.place, s.whole OR s.resource_id != '') AS resource_id,
        argMaxIf(s.resource_name, s.place, s.whole OR s.resource_name != '') AS resource_name,
        argMaxIf(s.marqo_customer, s.place, s.whole OR s.marqo_customer != '') AS marqo_customer,
        argMaxIf(s.marqo_cluster, s.place, s.whole OR s.marqo_cluster != '') AS marqo_cluster,
        argMaxIf(s.marqo_index, s.place, s.whole OR s.marqo_index != '') AS marqo_index,
        argMax(s.actor, s.place) AS actor,
        argMaxIf(s.state, s.place, s.whole OR s.state != '' OR s.event_type = 'resource.deleted') AS state,
        argMaxIf(s.ancestors, s.place, s.whole OR notEmpty(s.ancestors)) AS ancestors,
        argMaxIf(arrayZip(s.relations.type, s.relations.target_arn), s.place, s.whole OR notEmpty(s.relations.type)) AS relations,
        -- All pairs, the latest first; the first pair of each key counts.
        arrayFlatten(arrayReverseSort((k, place) -> place, groupArray(mapKeys(s.tags)), groupArray(s.place))) AS tag_keys,
        arrayFlatten(arrayReverseSort((v, place) -> place, groupArray(mapValues(s.tags)), groupArray(s.place))) AS tag_values,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, tag_values), arrayEnumerateUniq(tag_keys)), 'Map(LowCardinality(String), String)')) AS tags,
        arrayFlatten(arrayReverseSort((k, place) -> place, groupArray(mapKeys(s.properties)), groupArray(s.place))) AS property_keys,
        arrayFlatten(arrayReverseSort((v, place) -> place, groupArray(mapValues(s.properties)), groupArray(s.place))) AS property_values,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(property_keys, property_values), arrayEnumerateUniq(property_keys)), 'Map(LowCardinality(String), String)')) AS properties,
        any(life.first_ts) AS first_ts,
        max(s.ts) AS last_ts
    FROM
    (
        SELECT
            *, event_type IN ('resource.snapshot', 'resource.created') AS whole,
            {{template "place"}} AS place
        FROM polo.resource_states FINAL
        WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
            AND error_code = '' AND arn != ''
    ) AS s
    INNER JOIN
    (
        SELECT arn, min(ts) AS first_ts, maxIf(place, event_type IN ('resource.snapshot', 'resource.created')) AS last_whole
        FROM
        (
            SELECT
                arn, ts, event_type,
                {{template "place"}} AS place
            FROM polo.resource_states FINAL
            WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
                AND error_code = '' AND arn != ''
        )
        GROUP BY arn
        HAVING argMax(event_type, place) != 'resource.deleted'
    ) AS life ON s.arn = life.arn
    WHERE s.place >= life.last_whole
    GROUP BY s.arn
)
COMMENT 'Internal: the states behind resources_current, from all events';
