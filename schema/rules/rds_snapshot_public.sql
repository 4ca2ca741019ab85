-- title: Snapshot of a database that everybody may restore
-- version: 1
-- group: security
-- severity: critical
-- text: Whoever has an AWS account can read the database.
-- remedy: Remove the value all from its attribute restore.
-- type: rds:snapshot
-- type: rds:cluster-snapshot
-- need: snapshot_type
-- read: attributes
-- column: attributes String | Who may restore it, as JSON

SELECT
    multiIf(properties['snapshot_type'] != 'manual', false, NOT mapContains(properties, 'attributes'), NULL, arrayExists(a -> has(JSONExtract(a, 'AttributeValues', 'Array(String)'), 'all'), JSONExtractArrayRaw(properties['attributes']))) AS violated,
    properties['attributes'] AS attributes
FROM polo.rule_resources
