-- resource_states: what each event of the family "resource" said of its
-- resource.
--
-- Key: (ts, event_id), as resource_events, and not arn: a restatement may name
-- another ARN, and must still replace its older self. All of the family are
-- kept, whatever their type, so that one restated from resource.updated to
-- resource.deleted is replaced, too.

CREATE TABLE IF NOT EXISTS {{local "resource_states"}}{{on_cluster}}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    arn String CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    account_role LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_id String CODEC(ZSTD(1)),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),
    actor String CODEC(ZSTD(1)),
    state LowCardinality(String),
    error_code LowCardinality(String),
    ancestors Array(String) CODEC(ZSTD(1)),
    `relations.type` Array(LowCardinality(String)),
    `relations.target_arn` Array(String) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{engine "resource_states" "version"}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id){{settings "index_granularity = 2048"}};

{{distributed "resource_states" "cityHash64(event_id)"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.resource_states_mv{{on_cluster}} TO {{local "resource_states"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, observed_at, arn, platform, account_id, account_role, region, service,
    resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor, state, error_code,
    ancestors, relations.type, relations.target_arn, tags, properties
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'resource.');

-- resource_snapshots: the state of each resource at the end of each day on
-- which something was said of it. deleted is true where the last word was that.
-- A failed call says nothing about the state. Sources tell time by the second: of
-- events at the same moment a creation comes first and a deletion last.
-- relations are (type, target_arn).
--
-- The latest event is found by its key first, and then read: to carry all columns
-- through the aggregation takes 7 times as long. Filters on arn and day reach
-- both reads.

CREATE VIEW IF NOT EXISTS polo.resource_snapshots{{on_cluster}}
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
) AS latest ON s.arn = latest.arn AND s.day = latest.day AND s.ts = latest.last.1 AND s.event_id = latest.last.3;

-- resources_current: the latest state of each resource that is there. Gone are
-- those deleted, and those whose latest state is older than the latest completed
-- scan of their account, region and type.

CREATE VIEW IF NOT EXISTS polo.resources_current{{on_cluster}}
AS SELECT
    s.arn AS arn,
    s.event_id AS event_id, s.event_type AS event_type, s.source AS source, s.observed_at AS observed_at,
    s.platform AS platform, s.account_id AS account_id, s.account_role AS account_role, s.region AS region,
    s.service AS service, s.resource_type AS resource_type, s.resource_id AS resource_id,
    s.resource_name AS resource_name, s.marqo_customer AS marqo_customer, s.marqo_cluster AS marqo_cluster,
    s.marqo_index AS marqo_index, s.actor AS actor, s.state AS state, s.ancestors AS ancestors,
    arrayZip(s.relations.type, s.relations.target_arn) AS relations, s.tags AS tags, s.properties AS properties,
    latest.first_ts AS first_ts, s.ts AS last_ts
FROM
(
    SELECT * FROM polo.resource_states FINAL
) AS s
INNER JOIN
(
    SELECT arn, min(ts) AS first_ts, max((ts, multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1), event_id)) AS last
    FROM polo.resource_states FINAL
    WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
        AND error_code = '' AND arn != ''
    GROUP BY arn
) AS latest ON s.arn = latest.arn AND s.ts = latest.last.1 AND s.event_id = latest.last.3
LEFT ANY JOIN
(
    SELECT account_id, region, resource_type, scanned_at FROM polo.resource_scans
) AS scan ON s.account_id = scan.account_id AND s.region = scan.region AND s.resource_type = scan.resource_type
WHERE s.event_type != 'resource.deleted' AND NOT ifNull(scan.scanned_at > s.ts, false);
