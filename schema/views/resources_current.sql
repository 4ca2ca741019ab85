-- resources_current: the latest state of each existing resource, field by field. The last value of a field
-- counts, since the last whole event. A snapshot and a creation are whole: a field that they omit has no
-- value. An update or a deletion that omits a field keeps its value; for tags and properties, it sets only
-- the keys it names. A deletion always sets the state, even to nothing. event_id, event_type, source,
-- observed_at, actor and last_ts are those of the last event.
--
-- A resource is gone if it was deleted, or if its last event is older than the latest completed scan of its
-- account, region and type, or of its account and type in every region (*). A failed call says nothing.
--
-- One number orders the events of a resource. It consists of the time, the rank at that time (a creation
-- first, a deletion last) and the id, so that the order of arrival does not matter. The query finds the last
-- whole event of each resource by its key first, then reads and combines the events after it. Unselected
-- columns cost nothing, and a filter on arn applies to both reads.

{{define "place"}}bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place{{end}}

CREATE OR REPLACE VIEW polo.resources_current{{on_cluster}}
(
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    event_id UUID COMMENT 'Id of the last event',
    event_type String COMMENT 'Type of the last event',
    source String COMMENT 'Source of the last event',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the collector saw it, UTC; of the statements of one event the latest counts',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    account_id String COMMENT 'Account, with its leading zeros',
    account_role String COMMENT 'What the account is for: production, staging',
    region String COMMENT 'Region, in the words of the source: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'The id of the resource within its type: i-0abc',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster String COMMENT 'Cluster it belongs to, from its tags',
    marqo_index String COMMENT 'Index it belongs to, from its tags',
    actor String COMMENT 'Who did the last event',
    state String COMMENT 'State of the resource, in the words of the source: running',
    ancestors Array(String) COMMENT 'ARNs of what it is in, nearest first: subnet, VPC, account',
    relations Array(Tuple(String, String)) COMMENT 'Resources that it relates to: (type, target_arn)',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of the last event, UTC'
)
AS SELECT
    r.arn AS arn,
    r.event_id AS event_id, r.event_type AS event_type, r.source AS source, r.observed_at AS observed_at,
    r.platform AS platform, r.account_id AS account_id, r.account_role AS account_role, r.region AS region,
    r.service AS service, r.resource_type AS resource_type, r.resource_id AS resource_id,
    r.resource_name AS resource_name, r.marqo_customer AS marqo_customer, r.marqo_cluster AS marqo_cluster,
    r.marqo_index AS marqo_index, r.actor AS actor, r.state AS state, r.ancestors AS ancestors,
    r.relations AS relations, r.tags AS tags, r.properties AS properties,
    r.first_ts AS first_ts, r.last_ts AS last_ts
FROM
(
    SELECT
        s.arn AS arn,
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
            {{template "place"}}
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
                {{template "place"}}
            FROM polo.resource_states FINAL
            WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
                AND error_code = '' AND arn != ''
        )
        GROUP BY arn
        HAVING argMax(event_type, place) != 'resource.deleted'
    ) AS life ON s.arn = life.arn
    WHERE s.place >= life.last_whole
    GROUP BY arn
) AS r
LEFT ANY JOIN
(
    SELECT account_id, resource_type, groupArray((toString(region), scanned_at)) AS scans FROM polo.resource_scans GROUP BY account_id, resource_type
) AS scan ON r.account_id = scan.account_id AND r.resource_type = scan.resource_type
WHERE NOT arrayExists(s -> (s.1 = r.region OR s.1 = '*') AND s.2 > r.last_ts, scan.scans)
COMMENT 'One row for each resource that is there now: neither deleted nor missed by a later completed scan. Each field is as last said since the last snapshot or creation, which are whole; of tags and properties an update sets the keys it names and leaves the others. event_id, event_type, source, observed_at, actor and last_ts are those of the last event';
