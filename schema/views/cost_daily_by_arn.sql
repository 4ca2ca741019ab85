-- cost_daily_by_arn: cost_daily for each ARN and kind of usage. A filter on arn reads that ARN's rows alone.

CREATE OR REPLACE VIEW polo.cost_daily_by_arn{{on_cluster}}
(
    arn String COMMENT 'ARN, or an ARN-like key; empty for what has none',
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_name String COMMENT 'Name for people',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    usage_type LowCardinality(String) COMMENT 'Kind of usage, in the words of the source: BoxUsage:m5.large',
    charge_type LowCardinality(String) COMMENT 'Kind of charge, in the words of the source: Usage, Tax, Credit',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    usage_quantity Decimal(76, 38) COMMENT 'Sum of what was used, in usage_unit, exact',
    usage_unit LowCardinality(String) COMMENT 'Unit of usage_quantity, in the words of the source: Hrs',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH {{template "kept_costs"}} AS kept
SELECT
    key AS arn, day, source, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index,
    usage_type, charge_type, currency,
    if(throwIf(magnitude >= 1e36, 'cost_daily_by_arn: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
    usage_quantity, usage_unit, lines, estimated_lines, if(scope IN kept.4, lines, 0) AS partial_lines
FROM {{if cluster}}polo.cost_daily_by_arn_live{{else}}merge('polo', if({{template "kept_costs"}}.1, '^cost_rollups$', '^cost_daily_by_arn_live$')){{end}}
WHERE kind = 2 AND scope IN kept.3 AND generation IN kept.2
SETTINGS final = 0
COMMENT 'What each day (UTC) cost, by ARN, kind of usage and kind of charge: what counts of it, of one source for each payer and day, as in cost_daily. A group may have several rows: sum them. arn is empty for what has none'
