-- resource_scans_kept: resource_scans as the last run of resource_rollups_mv found them.

CREATE OR REPLACE VIEW polo.resource_scans_kept{{on_cluster}}
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)

AS SELECT toLowCardinality(s.1) AS account_id, toLowCardinality(s.2) AS region, toLowCardinality(s.3) AS resource_type, s.4 AS scanned_at
FROM (SELECT arrayJoin(scans) AS s FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1)
COMMENT 'Internal: resource_scans, as last kept';
