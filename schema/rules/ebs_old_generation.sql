-- title: Volume of an old generation
-- version: 1
-- group: cost
-- severity: low
-- text: gp3 costs less than gp2 at the same size and is faster; io1 and magnetic volumes have successors, too.
-- remedy: Change the type of the volume; it stays attached.
-- type: ec2:volume
-- need: volume_type
-- param: types Array(String) | default gp2,io1,standard | max 20 | items 20 | Types of volumes that are old
-- column: volume_type String | Type of volume
-- column: size String | GiB | Size

SELECT
    has({types:Array(String)}, properties['volume_type']) AS violated,
    properties['volume_type'] AS volume_type,
    properties['size'] AS size
FROM polo.rule_resources
