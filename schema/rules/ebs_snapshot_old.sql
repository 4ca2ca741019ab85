-- title: Old snapshot that no image uses
-- version: 1
-- group: cost
-- severity: low
-- text: Snapshots are kept, and paid for, until somebody deletes them.
-- remedy: Delete it, or let a lifecycle policy do so.
-- type: ec2:snapshot
-- need: start_time
-- scan: ec2:image
-- param: days UInt16 | default 365 | min 1 | max 3650 | Older than so many days
-- column: start_time String | When it was taken
-- column: volume_size String | GiB | Size of its volume

SELECT
    if(has(arrayMap(u -> u.2, used_by), 'ec2:image'), false, parseDateTime64BestEffortOrNull(properties['start_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay({days:UInt16})) AS violated,
    properties['start_time'] AS start_time,
    properties['volume_size'] AS volume_size
FROM polo.rule_resources
