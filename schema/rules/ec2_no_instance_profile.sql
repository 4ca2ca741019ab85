-- title: Instance without an instance profile
-- version: 1
-- group: security
-- severity: low
-- text: Programs on it that call AWS need long-lived keys, and Systems Manager cannot reach it.
-- remedy: Attach an instance profile.
-- type: ec2:instance
-- need: instance_type
-- read: iam_instance_profile
-- column: instance_type String | Type of instance

SELECT
    state NOT IN ('terminated', 'shutting-down') AND properties['iam_instance_profile'] = '' AND NOT arrayExists(x -> x.1 = 'uses_role', relations) AS violated,
    properties['instance_type'] AS instance_type
FROM polo.rule_resources
