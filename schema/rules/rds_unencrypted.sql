-- title: Database not encrypted
-- version: 1
-- group: security
-- severity: high
-- text: Its storage, backups and snapshots can be read by whoever gets a copy.
-- remedy: Restore an encrypted copy of a snapshot.
-- type: rds:db
-- type: rds:cluster
-- need: storage_encrypted
-- column: engine String | Engine

SELECT
    properties['storage_encrypted'] = 'false' AS violated,
    properties['engine'] AS engine
FROM polo.rule_resources
