-- title: Target group of a load balancer without targets
-- version: 1
-- group: reliability
-- severity: low
-- text: Requests that its listener sends there fail.
-- remedy: Register targets, or delete the group.
-- type: elasticloadbalancing:targetgroup
-- need: targets
-- column: protocol String | Protocol
-- column: port String | Port

SELECT
    arrayExists(x -> x.1 = 'member_of', relations) AND properties['targets'] = 'none' AS violated,
    properties['protocol'] AS protocol,
    properties['port'] AS port
FROM polo.rule_resources
