-- title: Load balancer without targets
-- version: 1
-- group: cost
-- severity: low
-- text: It is paid by the hour and has nothing to send requests to: no target group, or none with a target.
-- remedy: Register targets, or delete it.
-- type: elasticloadbalancing:loadbalancer
-- need: created_time
-- scan: elasticloadbalancing:targetgroup
-- column: scheme String | internet-facing or internal
-- column: type String | Type

SELECT
    NOT arrayExists(u -> u.2 = 'elasticloadbalancing:targetgroup' AND u.4, used_by) AND NOT arrayExists(x -> x.1 = 'attached_to' AND position(x.2, ':instance/') > 0, relations) AS violated,
    properties['scheme'] AS scheme,
    properties['type'] AS type
FROM polo.rule_resources
