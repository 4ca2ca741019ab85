-- title: Warehouse with a public address
-- version: 1
-- group: security
-- severity: high
-- text: It is one security group away from the internet.
-- remedy: Turn off public access.
-- type: redshift:cluster
-- need: publicly_accessible
-- column: endpoint String | Address

SELECT
    properties['publicly_accessible'] = 'true' AS violated,
    properties['endpoint'] AS endpoint
FROM polo.rule_resources
