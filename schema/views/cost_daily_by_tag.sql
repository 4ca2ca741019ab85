-- cost_daily_by_tag: cost_daily for each tag. A line is in as many rows as it has tags: filter on tag_key. What
-- the sum lacks to that of cost_daily has no such tag.

CREATE OR REPLACE VIEW polo.cost_daily_by_tag{{on_cluster}}
(
    tag_key String COMMENT 'Key of the tag',
    tag_value String COMMENT 'Value of the tag',
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH {{template "kept_costs"}} AS kept
SELECT
    key AS tag_key, value AS tag_value, day, source, platform, account_id, service, marqo_customer, currency,
    if(throwIf(magnitude >= 1e36, 'cost_daily_by_tag: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
    lines, estimated_lines, if(scope IN kept.4, lines, 0) AS partial_lines
FROM {{if cluster}}polo.cost_daily_by_tag_live{{else}}merge('polo', if({{template "kept_costs"}}.1, '^cost_rollups$', '^cost_daily_by_tag_live$')){{end}}
WHERE kind = 3 AND scope IN kept.3 AND generation IN kept.2
SETTINGS final = 0
COMMENT 'What each day (UTC) cost, by tag: what counts of it, of one source for each payer and day, as in cost_daily. A line is in one row for each of its tags, so filter on tag_key; a group may have several rows: sum them'
