-- title: Instance stopped for long
-- version: 1
-- group: cost
-- severity: low
-- text: Its volumes and addresses are paid for while it does nothing.
-- remedy: Terminate it; keep an image if it may be needed again.
-- type: ec2:instance
-- need: instance_type
-- read: state_transition_reason
-- param: days UInt16 | default 30 | min 1 | max 3650 | Stopped for so many days
-- column: state_transition_reason String | When and why it was stopped

SELECT
    if(state != 'stopped', false, parseDateTime64BestEffortOrNull(extract(properties['state_transition_reason'], '\\((\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)'), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay({days:UInt16})) AS violated,
    properties['state_transition_reason'] AS state_transition_reason
FROM polo.rule_resources
