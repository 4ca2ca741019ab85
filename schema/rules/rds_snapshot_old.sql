-- title: Old manual snapshot of a database
-- version: 1
-- group: cost
-- severity: low
-- text: Manual snapshots are kept, and paid for, until somebody deletes them.
-- remedy: Delete it, or export it to S3.
-- type: rds:snapshot
-- type: rds:cluster-snapshot
-- need: snapshot_type
-- need: snapshot_create_time
-- param: days UInt16 | default 180 | min 1 | max 3650 | Older than so many days
-- column: snapshot_create_time String | When it was taken
-- column: allocated_storage String | GiB | Size

SELECT
    if(properties['snapshot_type'] != 'manual', false, parseDateTime64BestEffortOrNull(properties['snapshot_create_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay({days:UInt16})) AS violated,
    properties['snapshot_create_time'] AS snapshot_create_time,
    properties['allocated_storage'] AS allocated_storage
FROM polo.rule_resources
