-- cost_daily: what each day cost, by owner, place and service: what of it counts, exact to the last line
-- inserted. It is answered from cost_rollups if no line or scan came or went since the kept state, else of
-- the days that changed from their lines (cost_daily_live); so a group may have more than one row, and a question
-- sums them. merge() opens only the one that it is told, and after it was told, so that it has all that the state
-- names.

CREATE OR REPLACE VIEW polo.cost_daily{{on_cluster}}
(
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH {{template "kept_costs"}} AS kept
SELECT
    day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
    if(throwIf(magnitude >= 1e36, 'cost_daily: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
    lines, estimated_lines, if(scope IN kept.4, lines, 0) AS partial_lines
FROM {{if cluster}}polo.cost_daily_live{{else}}merge('polo', if({{template "kept_costs"}}.1, '^cost_rollups$', '^cost_daily_live$')){{end}}
WHERE kind = 1 AND key = '' AND scope IN kept.3 AND generation IN kept.2 {{- /* mutant:every-rollup-counts */}}
SETTINGS final = 0
COMMENT 'What each day (UTC) cost, by source, account, region, service, resource type, owner and currency: what counts of it, of one source for each payer and day: the bill where there is one. A group may have several rows: sum them. estimated_lines are lines that are estimates, partial_lines lines of a bill that is not whole'
