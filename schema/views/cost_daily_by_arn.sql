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
    charge_type String COMMENT 'Kind of charge, in the words of the source: Usage, Tax, Credit',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    usage_quantity Decimal(76, 38) COMMENT 'Sum of what was used, in usage_unit, exact',
    usage_unit LowCardinality(String) COMMENT 'Unit of usage_quantity, in the words of the source: Hrs',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        '' AS arn, toDate32(0) AS day, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, '' AS resource_name, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS usage_type, '' AS charge_type, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS cost, toDecimal256(0, 38) AS usage_quantity, toLowCardinality('') AS usage_unit, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines, 0::UInt64 AS partial_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        key AS arn, day, source, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index,
        usage_type, charge_type, currency,
        if(throwIf(magnitude >= 1e36, 'cost_daily_by_arn: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
        usage_quantity, usage_unit, lines, estimated_lines, if(scope IN state.4, lines, 0) AS partial_lines
    FROM polo.cost_rollups
    WHERE kind = 2 AND generation IN state.1 AND scope IN state.3
    SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}}
    UNION ALL
    SELECT
        arn, toDate32(ts) AS day, source, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index,
        usage_type, {{template "charge_type"}} AS charge_type, currency,
        if(throwIf(abs(toFloat64(amount)) >= 1e36, 'cost_daily_by_arn: a sum exceeds what a Decimal256 holds') = 0, amount, toDecimal256(0, 38)) AS cost,
        ifNull(stated_quantity, toDecimal256(0, 38)) AS usage_quantity, usage_unit, 1 AS lines, estimated AS estimated_lines, scope IN state.4 AS partial_lines
    FROM
    (
        SELECT
            * EXCEPT (usage_quantity), usage_quantity AS stated_quantity, {{template "scope"}} AS scope,
            ifNull(cost_amount, toDecimal256(0, 38)) AS amount
        FROM polo.cost_lines FINAL
    )
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND scope IN state.3
)
COMMENT 'What each day (UTC) cost, by ARN, kind of usage and kind of charge: what counts of it, of one source for each payer and day, as in cost_daily. A group may have several rows: sum them. arn is empty for what has none'
