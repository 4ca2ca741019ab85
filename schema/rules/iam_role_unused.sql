-- title: Role that nobody uses
-- version: 1
-- group: security
-- severity: low
-- text: An unused role is a way in that nobody watches.
-- remedy: Delete it.
-- type: iam:role
-- need: create_date
-- need: path
-- read: last_used_date
-- read: max_session_duration
-- param: days UInt16 | default 90 | min 1 | max 3650 | Not used for so many days
-- column: last_used_date String | When it was last used; empty if never, as far as AWS knows
-- column: create_date String | When it was made

SELECT
    multiIf(startsWith(properties['path'], '/aws-service-role/') OR startsWith(properties['path'], '/aws-reserved/'), false, properties['last_used_date'] = '' AND mapContains(properties, 'max_session_duration'), NULL, parseDateTime64BestEffortOrNull(if(properties['last_used_date'] = '', properties['create_date'], properties['last_used_date']), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay({days:UInt16})) AS violated,
    properties['last_used_date'] AS last_used_date,
    properties['create_date'] AS create_date
FROM polo.rule_resources
