-- resource_snapshots: the state of each resource at the end of each day on which an event described it.
-- deleted is true if the last event was a deletion. A failed call says nothing about the state. Sources have
-- times in whole seconds: of events at the same time, a creation comes first and a deletion last. relations
-- are (type, target_arn).
--
-- The query finds the latest event by its key first, and then reads it: carrying all columns through the
-- aggregation takes 7 times as long. Filters on arn and day apply to both reads.

CREATE OR REPLACE VIEW polo.resource_snapshots{{on_cluster}}
(
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    day Date32 COMMENT 'Day, UTC',
    deleted Bool COMMENT 'Whether the last event of the day was a deletion',
    event_id UUID COMMENT 'Id of the last event of the day',
    event_type LowCardinality(String) COMMENT 'Type of the last event of the day',
    source LowCardinality(String) COMMENT 'Source of the last event of the day',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the collector saw it, UTC; of the statements of one event the latest counts',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    account_role LowCardinality(String) COMMENT 'What the account is for: production, staging',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'The id of the resource within its type: i-0abc',
    resource_name String COMMENT 'Name for people',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    actor String COMMENT 'Who did it: the ARN of a principal where there is one',
    state LowCardinality(String) COMMENT 'State of the resource after the event, in the words of the source: running',
    ancestors Array(String) COMMENT 'ARNs of what it is in, nearest first: subnet, VPC, account',
    relations Array(Tuple(String, String)) COMMENT 'Resources that it relates to: (type, target_arn)',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of the last event, UTC'
)
AS SELECT
    s.arn AS arn, s.day AS day, (s.event_type = 'resource.deleted')::Bool AS deleted,
    s.event_id AS event_id, s.event_type AS event_type, s.source AS source, s.observed_at AS observed_at,
    s.platform AS platform, s.account_id AS account_id, s.account_role AS account_role, s.region AS region,
    s.service AS service, s.resource_type AS resource_type, s.resource_id AS resource_id,
    s.resource_name AS resource_name, s.marqo_customer AS marqo_customer, s.marqo_cluster AS marqo_cluster,
    s.marqo_index AS marqo_index, s.actor AS actor, s.state AS state, s.ancestors AS ancestors,
    arrayZip(s.relations.type, s.relations.target_arn) AS relations, s.tags AS tags, s.properties AS properties,
    latest.first_ts AS first_ts, s.ts AS last_ts
FROM
(
    SELECT *, toDate32(ts) AS day FROM polo.resource_states FINAL
) AS s
INNER JOIN
(
    SELECT arn, toDate32(ts) AS day, min(ts) AS first_ts, max((ts, multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1), event_id)) AS last
    FROM polo.resource_states FINAL
    WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
        AND error_code = '' AND arn != ''
    GROUP BY arn, day
) AS latest ON s.arn = latest.arn AND s.day = latest.day AND s.ts = latest.last.1 AND s.event_id = latest.last.3
COMMENT 'One row for each resource and day (UTC) on which something was said of it: what the last event of the day said, deleted if that was a deletion. What that event left out is empty';
