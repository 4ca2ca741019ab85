-- resource_scans_live: the latest completed scan of each scope of resources, among those that have fully arrived.
-- A scan of the region * covers every region, for resources that one call lists for all of them, such as S3's
-- buckets.

CREATE OR REPLACE VIEW polo.resource_scans_live{{on_cluster}}
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)
AS SELECT account_id, region, resource_type, max(ts) AS scanned_at
FROM polo.resource_completions
WHERE whole
GROUP BY account_id, region, resource_type
COMMENT 'Internal: resource_scans, from the scans and snapshots of now';
