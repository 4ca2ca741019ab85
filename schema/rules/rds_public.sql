-- title: Database with a public address
-- version: 1
-- group: security
-- severity: high
-- text: A database that resolves to a public address is one security group away from the internet.
-- remedy: Turn off public access.
-- type: rds:db
-- need: publicly_accessible
-- column: engine String | Engine
-- column: endpoint String | Address

SELECT
    properties['publicly_accessible'] = 'true' AS violated,
    properties['engine'] AS engine,
    properties['endpoint'] AS endpoint
FROM polo.rule_resources
