-- title: Warehouse not encrypted
-- version: 1
-- group: security
-- severity: high
-- text: Its storage and snapshots can be read by whoever gets a copy.
-- remedy: Turn on encryption.
-- type: redshift:cluster
-- need: encrypted
-- column: node_type String | Type of node

SELECT
    properties['encrypted'] = 'false' AS violated,
    properties['node_type'] AS node_type
FROM polo.rule_resources
