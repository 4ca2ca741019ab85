-- title: Launch template allows IMDSv1
-- version: 1
-- group: security
-- severity: medium
-- text: Each instance launched from it answers requests without a token, unless the image or the account says otherwise.
-- remedy: Make a version with HttpTokens required, and make it the default.
-- type: ec2:launch-template
-- need: version_number
-- read: metadata_options
-- column: http_tokens String | optional or required; empty if it does not say
-- column: version_number String | The default version

SELECT
    JSONExtractString(properties['metadata_options'], 'HttpTokens') != 'required' AND JSONExtractString(properties['metadata_options'], 'HttpEndpoint') != 'disabled' AS violated,
    JSONExtractString(properties['metadata_options'], 'HttpTokens') AS http_tokens,
    properties['version_number'] AS version_number
FROM polo.rule_resources
