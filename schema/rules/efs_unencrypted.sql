-- title: File system not encrypted
-- version: 1
-- group: security
-- severity: medium
-- text: It can only be encrypted when it is made.
-- remedy: Make an encrypted one, and copy the files.
-- type: elasticfilesystem:file-system
-- need: encrypted
-- column: size_in_bytes String | bytes | What it holds

SELECT
    properties['encrypted'] = 'false' AS violated,
    properties['size_in_bytes'] AS size_in_bytes
FROM polo.rule_resources
