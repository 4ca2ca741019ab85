-- title: VPC without a flow log
-- version: 1
-- group: security
-- severity: medium
-- text: Without it, nobody can tell afterwards who talked to whom.
-- remedy: Create a flow log of the VPC.
-- type: ec2:vpc
-- need: cidr_block
-- scan: ec2:vpc-flow-log
-- column: cidr_block String | Addresses
-- column: is_default String | Whether it is the default VPC

SELECT
    NOT has(arrayMap(u -> u.2, used_by), 'ec2:vpc-flow-log') AS violated,
    properties['cidr_block'] AS cidr_block,
    properties['is_default'] AS is_default
FROM polo.rule_resources
