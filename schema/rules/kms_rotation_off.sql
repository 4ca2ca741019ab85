-- title: Key that is not rotated
-- version: 1
-- group: security
-- severity: low
-- text: A key that is never rotated protects all data of all years.
-- remedy: Enable automatic rotation.
-- type: kms:key
-- need: key_manager
-- need: key_spec
-- need: origin
-- read: key_rotation_enabled
-- column: description String | Description

SELECT
    multiIf(properties['key_manager'] != 'CUSTOMER' OR properties['key_spec'] != 'SYMMETRIC_DEFAULT' OR properties['origin'] != 'AWS_KMS' OR state != 'Enabled', false, NOT mapContains(properties, 'key_rotation_enabled'), NULL, properties['key_rotation_enabled'] = 'false') AS violated,
    properties['description'] AS description
FROM polo.rule_resources
