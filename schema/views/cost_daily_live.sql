-- cost_daily_live: cost_daily while lines or scans come or go, in the form of cost_rollups. The days that
-- are rolled up are answered from cost_rollups, the others from their lines.

CREATE OR REPLACE VIEW polo.cost_daily_live{{on_cluster}}
(
    kind UInt8 COMMENT '1',
    key String COMMENT 'As in cost_rollups',
    day Date32 COMMENT 'As in cost_rollups',
    generation UInt64 COMMENT '0',
    scope UInt64 COMMENT '1 if it is of a bill that is not whole, else 0',
    source LowCardinality(String) COMMENT 'As in cost_rollups',
    platform LowCardinality(String) COMMENT 'As in cost_rollups',
    account_id LowCardinality(String) COMMENT 'As in cost_rollups',
    region LowCardinality(String) COMMENT 'As in cost_rollups',
    service LowCardinality(String) COMMENT 'As in cost_rollups',
    resource_type LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_customer LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_cluster LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_index LowCardinality(String) COMMENT 'As in cost_rollups',
    currency LowCardinality(String) COMMENT 'As in cost_rollups',
    cost Decimal(76, 38) COMMENT 'As in cost_rollups',
    magnitude Float64 COMMENT 'As in cost_rollups',
    lines UInt64 COMMENT 'As in cost_rollups',
    estimated_lines UInt64 COMMENT 'As in cost_rollups'
)
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state_live) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        1::UInt8 AS kind, '' AS key, toDate32(0) AS day, 0::UInt64 AS generation, 0::UInt64 AS scope, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS cost, 0::Float64 AS magnitude, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        kind, key, day, 0, in_partial, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        cost, magnitude, lines, estimated_lines
    FROM (SELECT * EXCEPT (generation), generation AS made, scope IN state.4 AS in_partial FROM polo.cost_rollups SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}})
    WHERE kind = 1 AND key = '' AND scope IN state.3 AND made IN state.1 {{- /* mutant:every-rollup-counts-in-a-live-view */}}
    UNION ALL
    SELECT
        1, '', toDate32(ts), 0, number IN state.4, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        amount, abs(toFloat64(amount)), 1, estimated
    FROM
    (
        SELECT *, {{template "scope"}} AS number, ifNull(cost_amount, toDecimal256(0, 38)) AS amount FROM polo.cost_lines FINAL
    )
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
)
COMMENT 'Internal: cost_daily from the state of now, for cost_daily'
