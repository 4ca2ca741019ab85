-- title: Cache not encrypted
-- version: 1
-- group: security
-- severity: medium
-- text: Its memory and backups are stored in the clear.
-- remedy: Make a new group with encryption at rest, and move to it.
-- type: elasticache:replicationgroup
-- need: at_rest_encryption_enabled
-- column: engine String | Engine

SELECT
    properties['at_rest_encryption_enabled'] = 'false' AS violated,
    properties['engine'] AS engine
FROM polo.rule_resources
