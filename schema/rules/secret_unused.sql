-- title: Secret that nobody reads
-- version: 1
-- group: cost
-- severity: low
-- text: It is paid for, and one more thing that can leak.
-- remedy: Delete it, with a window to recover it.
-- type: secretsmanager:secret
-- need: created_date
-- read: last_accessed_date
-- read: deleted_date
-- param: days UInt16 | default 90 | min 1 | max 3650 | Not read for so many days
-- column: last_accessed_date String | The day it was last read; empty if never
-- column: created_date String | When it was made

SELECT
    if(properties['deleted_date'] != '', false, parseDateTime64BestEffortOrNull(if(properties['last_accessed_date'] = '', properties['created_date'], properties['last_accessed_date']), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay({days:UInt16})) AS violated,
    properties['last_accessed_date'] AS last_accessed_date,
    properties['created_date'] AS created_date
FROM polo.rule_resources
