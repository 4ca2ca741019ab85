-- title: Image that everybody may launch
-- version: 1
-- group: security
-- severity: high
-- text: Whatever is on its disks is public.
-- remedy: Remove the launch permission of the group all.
-- type: ec2:image
-- need: public
-- column: creation_date String | When it was made

SELECT
    properties['public'] = 'true' AS violated,
    properties['creation_date'] AS creation_date
FROM polo.rule_resources
