-- title: Instance answers IMDSv1
-- version: 1
-- group: security
-- severity: high
-- text: A request that a program on the instance can be talked into reads the credentials of its role; IMDSv2 asks for a token first.
-- remedy: Set HttpTokens to required: aws ec2 modify-instance-metadata-options --http-tokens required.
-- type: ec2:instance
-- need: metadata_options
-- column: http_tokens String | optional or required

SELECT
    state NOT IN ('terminated', 'shutting-down') AND JSONExtractString(properties['metadata_options'], 'HttpTokens') != 'required' AND JSONExtractString(properties['metadata_options'], 'HttpEndpoint') != 'disabled' AS violated,
    JSONExtractString(properties['metadata_options'], 'HttpTokens') AS http_tokens
FROM polo.rule_resources
