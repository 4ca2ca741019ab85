-- title: Address associated with nothing
-- version: 1
-- group: cost
-- severity: low
-- text: AWS charges for addresses, idle ones too.
-- remedy: Release it.
-- type: ec2:elastic-ip
-- need: public_ip
-- read: association_id
-- column: public_ip String | Address

SELECT
    properties['association_id'] = '' AND empty(relations) AS violated,
    properties['public_ip'] AS public_ip
FROM polo.rule_resources
