-- title: Volume not encrypted
-- version: 1
-- group: security
-- severity: medium
-- text: Whoever gets hold of a copy of an unencrypted volume can read it.
-- remedy: Copy a snapshot of it with encryption, and make a volume of the copy. Turn on encryption by default in the region.
-- type: ec2:volume
-- need: encrypted
-- column: size String | GiB | Size

SELECT
    properties['encrypted'] = 'false' AS violated,
    properties['size'] AS size
FROM polo.rule_resources
