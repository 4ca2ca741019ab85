-- title: Volume attached to nothing
-- version: 1
-- group: cost
-- severity: low
-- text: A volume that no instance uses is paid for all the same.
-- remedy: Take a snapshot if its content matters, and delete the volume.
-- type: ec2:volume
-- need: volume_type
-- column: size String | GiB | Size
-- column: volume_type String | Type of volume

SELECT
    state = 'available' AS violated,
    properties['size'] AS size,
    properties['volume_type'] AS volume_type
FROM polo.rule_resources
