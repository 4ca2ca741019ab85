-- title: Resource of one owner attached to one of another
-- version: 1
-- group: ownership
-- severity: medium
-- text: One of the two tags is wrong: the cost is charged to the wrong one.
-- remedy: Correct the tag.
-- type: ec2:instance
-- type: ec2:volume
-- type: ec2:network-interface
-- type: rds:cluster
-- type: elasticloadbalancing:loadbalancer
-- type: eks:cluster
-- column: owner String | Its owner
-- column: others String | Owners of what is attached to it

SELECT
    marqo_customer != '' AND arrayExists(u -> u.1 IN ('attached_to', 'member_of') AND u.3 != '' AND u.3 != marqo_customer, used_by) AS violated,
    toString(marqo_customer) AS owner,
    arrayStringConcat(arrayDistinct(arrayMap(u -> u.3, arrayFilter(u -> u.1 IN ('attached_to', 'member_of') AND u.3 != '' AND u.3 != marqo_customer, used_by))), ', ') AS others
FROM polo.rule_resources
