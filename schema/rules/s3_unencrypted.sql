-- title: Bucket without default encryption
-- version: 1
-- group: security
-- severity: medium
-- text: Objects written without a header of their own are not encrypted.
-- remedy: Set default encryption.
-- type: s3:bucket
-- need: encryption
-- column: encryption String | The rules, as JSON; none if there are none

SELECT
    properties['encryption'] = 'none' AS violated,
    properties['encryption'] AS encryption
FROM polo.rule_resources
