-- title: NAT gateway that no route leads to
-- version: 1
-- group: cost
-- severity: medium
-- text: It is paid by the hour and does nothing.
-- remedy: Delete it, and release its address.
-- type: ec2:natgateway
-- need: vpc_id
-- scan: ec2:route-table
-- column: create_time String | When it was made

SELECT
    state = 'available' AND NOT has(arrayMap(u -> u.1, used_by), 'routes_to') AS violated,
    properties['create_time'] AS create_time
FROM polo.rule_resources
