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
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        '' AS tag_key, '' AS tag_value, toDate32(0) AS day, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS service, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS cost, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines, 0::UInt64 AS partial_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        key AS tag_key, value AS tag_value, day, source, platform, account_id, service, marqo_customer, currency,
        if(throwIf(magnitude >= 1e36, 'cost_daily_by_tag: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
        lines, estimated_lines, if(scope IN state.4, lines, 0) AS partial_lines
    FROM polo.cost_rollups
    WHERE kind = 3 AND generation IN state.1 AND scope IN state.3
    SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}}
    UNION ALL
    SELECT
        tag_key, tag_value, toDate32(ts) AS day, source, platform, account_id, service, marqo_customer, currency,
        if(throwIf(abs(toFloat64(amount)) >= 1e36, 'cost_daily_by_tag: a sum exceeds what a Decimal256 holds') = 0, amount, toDecimal256(0, 38)) AS cost,
        1 AS lines, estimated AS estimated_lines, scope IN state.4 AS partial_lines
    FROM
    (
        SELECT *, {{template "scope"}} AS scope, ifNull(cost_amount, toDecimal256(0, 38)) AS amount FROM polo.cost_lines FINAL
    )
    ARRAY JOIN mapKeys(tags)::Array(String) AS tag_key, mapValues(tags) AS tag_value
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND scope IN state.3
)
COMMENT 'What each day (UTC) cost, by tag: what counts of it, of one source for each payer and day, as in cost_daily. A line is in one row for each of its tags, so filter on tag_key; a group may have several rows: sum them'
