-- title: Distribution that answers without TLS
-- version: 1
-- group: security
-- severity: medium
-- text: Passwords and sessions travel in the clear.
-- remedy: Redirect HTTP to HTTPS.
-- type: cloudfront:distribution
-- need: viewer_protocol_policy
-- column: domain_name String | Name
-- column: viewer_protocol_policy String | What it does with HTTP

SELECT
    properties['viewer_protocol_policy'] = 'allow-all' AS violated,
    properties['domain_name'] AS domain_name,
    properties['viewer_protocol_policy'] AS viewer_protocol_policy
FROM polo.rule_resources
