-- resource_scans: the latest completed scan of each scope of resources, among those that have fully arrived.
-- A scan of the region * covers every region, for resources that one call lists for all of them, such as S3's
-- buckets.

CREATE OR REPLACE VIEW polo.resource_scans{{on_cluster}}
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)
AS SELECT account_id, region, resource_type, scanned_at
FROM {{if cluster}}polo.resource_scans_live{{else}}merge('polo', multiIf(NOT {{template "resources_now"}}.3, '^resource_scans_live$', empty({{template "resources_now"}}.2), '^resource_scans_kept$', '^resource_scans_touched$')){{end}}
COMMENT 'One row for each account, region and resource type: when it was last scanned to its end, of the scans that have arrived';
