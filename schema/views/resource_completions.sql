-- resource_completions: every completed scan of resources, and whether it counts. A scan counts once as many
-- snapshots of its time have arrived as it reports. Snapshots are counted only for each scope's 30 latest
-- scans: those missing from an older one will not arrive any more.

CREATE OR REPLACE VIEW polo.resource_completions{{on_cluster}}
(
    source LowCardinality(String) COMMENT 'Where it comes from: aws.cloudtrail',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    ts DateTime64(3, 'UTC') COMMENT 'Time of the scan, and of every snapshot in it, UTC',
    observed_at DateTime64(3, 'UTC') COMMENT 'When it was read, UTC',
    expected Nullable(UInt64) COMMENT 'How many snapshots the scan has; NULL if it does not say',
    arrived UInt64 COMMENT 'How many of them have arrived',
    whole Bool COMMENT 'Whether the scan counts: all of it has arrived'
)
AS SELECT
    c.source AS source, c.account_id AS account_id, c.region AS region, c.resource_type AS resource_type,
    c.ts AS ts, c.observed_at AS observed_at, c.expected AS expected,
    sumIf(s.n, c.region = '*' OR s.region = c.region) AS arrived,
    (ifNull(arrived >= expected, true) OR c.nth > 30)::Bool AS whole {{- /* mutant:scans-count-early */}}
FROM
(
    SELECT
        source, account_id, region, resource_type, ts, event_id, observed_at, events AS expected,
        dense_rank() OVER (PARTITION BY account_id, region, resource_type ORDER BY ts DESC) AS nth
    FROM polo.scans FINAL
    WHERE event_type = 'scan.completed' AND resource_type != ''
) AS c
LEFT JOIN
(
    SELECT account_id, region, resource_type, ts, count() AS n
    FROM polo.resource_states FINAL
    WHERE event_type = 'resource.snapshot' AND ts GLOBAL IN
    (
        SELECT arrayJoin(arraySlice(arrayReverseSort(groupUniqArray(ts)), 1, 30))
        FROM polo.scans FINAL
        WHERE event_type = 'scan.completed' AND resource_type != ''
        GROUP BY account_id, region, resource_type
    )
    GROUP BY account_id, region, resource_type, ts
) AS s ON c.account_id = s.account_id AND c.resource_type = s.resource_type AND c.ts = s.ts
GROUP BY source, account_id, region, resource_type, ts, c.event_id, observed_at, expected, c.nth
COMMENT 'One row for each completed scan of resources: how many events it speaks of, how many of them have arrived, and whether it counts';
