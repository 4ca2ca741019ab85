-- title: Bucket without the whole public access block
-- version: 1
-- group: security
-- severity: high
-- text: A policy or list of access can make its objects public.
-- remedy: Turn on all four settings of Block Public Access.
-- type: s3:bucket
-- need: public_access_block
-- column: public_access_block String | The settings, as JSON; none if there are none

SELECT
    properties['public_access_block'] = 'none' OR arrayExists(k -> NOT JSONExtractBool(properties['public_access_block'], k), ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']) AS violated,
    properties['public_access_block'] AS public_access_block
FROM polo.rule_resources
