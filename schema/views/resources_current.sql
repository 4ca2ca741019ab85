-- resources_current: the latest state of each existing resource, field by field. The last value of a field
-- counts, since the last whole event. A snapshot and a creation are whole: a field that they omit has no
-- value. An update or a deletion that omits a field keeps its value; for tags and properties, it sets only
-- the keys it names. A deletion always sets the state, even to nothing. event_id, event_type, source,
-- observed_at, actor and last_ts are those of the last event.
--
-- A resource is gone if it was deleted, or if its last event is older than the latest completed scan of its
-- account, region and type, or of its account and type in every region (*). A failed call says nothing.
--
-- States are read from resource_rollups if no row of resource_states or scans came or went since they were folded. Else what changed is
-- folded at the question (resources_touched), or everything, while there is more than a run of resource_rollups_mv can
-- take and on a cluster (resources_live). merge() opens only the one that it is told, so that the others are not planned.

CREATE OR REPLACE VIEW polo.resources_current{{on_cluster}}
(
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog',
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
    r.key AS arn,
    r.event_id AS event_id, toString(r.event_type) AS event_type, toString(r.source) AS source, r.observed_at AS observed_at,
    toString(r.platform) AS platform, toString(r.account_id) AS account_id, toString(r.account_role) AS account_role, toString(r.region) AS region,
    toString(r.service) AS service, toString(r.resource_type) AS resource_type, r.resource_id AS resource_id,
    r.resource_name AS resource_name, toString(r.marqo_customer) AS marqo_customer, toString(r.marqo_cluster) AS marqo_cluster,
    toString(r.marqo_index) AS marqo_index, r.actor AS actor, toString(r.state) AS state, r.ancestors AS ancestors,
    r.relations AS relations, r.tags AS tags, r.properties AS properties,
    r.first_ts AS first_ts, r.last_ts AS last_ts
FROM
(
    SELECT *
    FROM {{if cluster}}polo.resources_live{{else}}merge('polo', {{template "resources_now"}}.1){{end}}
    WHERE kind = 2 AND event_type NOT IN ('', 'resource.deleted')
    SETTINGS final = 1
) AS r
LEFT ANY JOIN
(
    SELECT account_id, resource_type, groupArray((toString(region), scanned_at)) AS scans FROM polo.resource_scans GROUP BY account_id, resource_type
) AS scan ON r.account_id = scan.account_id AND r.resource_type = scan.resource_type
WHERE NOT arrayExists(s -> (s.1 = r.region OR s.1 = '*') AND s.2 > r.last_ts, scan.scans)
COMMENT 'One row for each resource that is there now: neither deleted nor missed by a later completed scan. Each field is as last said since the last snapshot or creation, which are whole; of tags and properties an update sets the keys it names and leaves the others. event_id, event_type, source, observed_at, actor and last_ts are those of the last event';
