-- title: Certificate about to expire
-- version: 1
-- group: reliability
-- severity: high
-- text: What uses it stops answering on that day.
-- remedy: Renew it; let ACM validate it by DNS, so that it renews by itself.
-- type: acm:certificate
-- need: not_after
-- param: days UInt16 | default 30 | min 0 | max 365 | Expires within so many days
-- column: not_after String | When it expires
-- column: domain_name String | Name
-- column: in_use_by String | What uses it, as JSON

SELECT
    if(state NOT IN ('ISSUED', 'EXPIRED'), false, parseDateTime64BestEffortOrNull(properties['not_after'], 3, 'UTC') < now64(3, 'UTC') + toIntervalDay({days:UInt16})) AS violated,
    properties['not_after'] AS not_after,
    properties['domain_name'] AS domain_name,
    properties['in_use_by'] AS in_use_by
FROM polo.rule_resources
