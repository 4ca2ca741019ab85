-- cost_rollup_daily: cost by day. source is in the key because two sources may bill the same spend, and
-- currency because different currencies do not add up. A sum beyond 5.7e38 is an error, because it would wrap
-- to another number. Each group has one row, those included of which no line counts; a question that needs
-- neither is faster with cost_daily.

CREATE OR REPLACE VIEW polo.cost_rollup_daily{{on_cluster}}
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
    lines UInt64 COMMENT 'How many lines count',
    gone_lines UInt64 COMMENT 'How many lines a later complete scan lacks; they cost 0',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many lines are from deliveries that are not whole'
)
AS WITH (SELECT (generations, touched, counting, partial) FROM polo.cost_state) AS state
SELECT
    day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
    sum(if(counts, amount, toDecimal256(0, 38)))
        + throwIf(sum(if(counts, magnitude, 0)) >= 5e38, 'cost_rollup_daily: a sum exceeds what a Decimal256 holds') AS cost, {{- /* mutant:sums-wrap */}}
    sumIf(n, counts) AS lines,
    sumIf(n, NOT counts) AS gone_lines,
    sumIf(estimates, counts) AS estimated_lines,
    sumIf(n, counts AND in_partial) AS partial_lines
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        toDate32(0) AS day, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS amount, 0::Float64 AS magnitude, 0::UInt64 AS n, 0::UInt64 AS estimates, false AS counts, false AS in_partial
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        cost AS amount, magnitude, lines AS n, estimated_lines AS estimates, scope IN state.3 AS counts, scope IN state.4 AS in_partial
    FROM polo.cost_rollups
    WHERE kind = 1 AND key = '' AND generation IN state.1
    SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}}
    UNION ALL
    SELECT
        toDate32(ts), source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        ifNull(cost_amount, toDecimal256(0, 38)) AS stated, abs(toFloat64(stated)), 1, estimated, ({{template "scope"}} AS scope) IN state.3, scope IN state.4
    FROM polo.cost_lines FINAL
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued'
)
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency
COMMENT 'Cost for each day (UTC) by source, account, region, service, resource type, owner and currency: lines that count, lines that are gone, lines that are estimates, lines of bills that are partial'
