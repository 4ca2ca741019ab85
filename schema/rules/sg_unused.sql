-- title: Security group that nothing uses
-- version: 1
-- group: ownership
-- severity: low
-- text: Groups that nobody uses hide those that matter, and are attached by mistake.
-- remedy: Delete it.
-- type: ec2:security-group
-- need: group_name
-- scan: ec2:network-interface
-- column: description String | Description

SELECT
    properties['group_name'] != 'default' AND empty(used_by) AS violated,
    properties['description'] AS description
FROM polo.rule_resources
