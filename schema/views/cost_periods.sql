-- cost_periods: the lines that count and are for more than a day, so that a question can spread them over their days.
-- They are few, and most begin with a month: the index by_length of cost_lines finds them.

CREATE OR REPLACE VIEW polo.cost_periods{{on_cluster}}
(
    day Date32 COMMENT 'First day that it is for, UTC',
    last_day Date32 COMMENT 'Last day that it is for, UTC',
    source LowCardinality(String) COMMENT 'Source of the line: datadog.billing',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Cost in currency, exact, all of it',
    estimated Bool COMMENT 'Whether it may still be restated',
    partial Bool COMMENT 'Whether it is from a delivery of a bill that is not whole'
)
AS WITH (SELECT (adding, partial) FROM polo.cost_state) AS state
SELECT
    toDate32(ts) AS day, toDate32(assumeNotNull(period_end) - INTERVAL 1 MILLISECOND) AS last_day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency, ifNull(cost_amount, toDecimal256(0, 38)) AS cost,
    estimated, ({{template "scope"}} IN state.2)::Bool AS partial
FROM polo.cost_lines FINAL
WHERE dateDiff('day', ts, ifNull(period_end, ts)) >= 2 AND event_type = 'cost.accrued' AND {{template "scope"}} IN state.1 {{- /* mutant:spread-lines-always-count */}}
COMMENT 'One row for each line that counts and is for more than a day: a monthly fee, a bill by month'
