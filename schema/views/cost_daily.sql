-- cost_daily: what each day cost, by owner, place and service: what of it counts, exact to the last line
-- inserted. Days that are rolled up are answered from cost_rollups, the others from their lines; so a group may
-- have more than one row, and a question sums them.

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
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        toDate32(0) AS day, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS cost, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines, 0::UInt64 AS partial_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        if(throwIf(magnitude >= 1e36, 'cost_daily: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
        lines, estimated_lines, if(scope IN state.4, lines, 0) AS partial_lines
    FROM polo.cost_rollups
    WHERE kind = 1 AND key = '' AND scope IN state.3 AND generation IN state.1 {{- /* mutant:every-rollup-counts */}}
    SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}}
    UNION ALL
    SELECT
        toDate32(ts) AS day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        if(throwIf(abs(toFloat64(amount)) >= 1e36, 'cost_daily: a sum exceeds what a Decimal256 holds') = 0, amount, toDecimal256(0, 38)) AS cost,
        1 AS lines, estimated AS estimated_lines, scope IN state.4 AS partial_lines
    FROM
    (
        SELECT *, {{template "scope"}} AS scope, ifNull(cost_amount, toDecimal256(0, 38)) AS amount FROM polo.cost_lines FINAL
    )
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND scope IN state.3
)
COMMENT 'What each day (UTC) cost, by source, account, region, service, resource type, owner and currency: what counts of it, of one source for each payer and day: the bill where there is one. A group may have several rows: sum them. estimated_lines are lines that are estimates, partial_lines lines of a bill that is not whole'
