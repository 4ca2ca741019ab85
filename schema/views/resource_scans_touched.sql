-- resource_scans_touched: resource_scans while rows of resource_states come in and no snapshot does: the kept ones, unless a snapshot of a scan may
-- have been restated as another type of event, for then the scan lacks it.

CREATE OR REPLACE VIEW polo.resource_scans_touched{{on_cluster}}
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)
AS SELECT account_id, region, resource_type, scanned_at
FROM {{if cluster}}polo.resource_scans_live{{else}}merge('polo', (
    SELECT if(count() = 0, '^resource_scans_kept$', '^resource_scans_live$') {{- /* mutant:restated-snapshots-count */}}
    FROM polo.resource_states
    WHERE toDate32(ts) IN {{template "resources_now"}}.2 AND event_type != 'resource.snapshot' AND ts IN (SELECT ts FROM polo.scans WHERE event_type = 'scan.completed' AND resource_type != '' SETTINGS final = 0)
    SETTINGS final = 0
)){{end}}
COMMENT 'Internal: resource_scans while rows of resource_states come in';
