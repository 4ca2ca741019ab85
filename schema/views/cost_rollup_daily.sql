-- cost_rollup_daily: cost by day. source is in the key because two sources may bill the same spend, and
-- currency because different currencies do not add up. A sum beyond 5.7e38 is an error, because it would wrap
-- to another number.

CREATE OR REPLACE VIEW polo.cost_rollup_daily{{on_cluster}}
AS SELECT
    toDate32(ts) AS day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38)))
        + throwIf(sum(abs(toFloat64(ifNull(cost_amount, toDecimal256(0, 38))))) >= 5e38, 'cost_rollup_daily: a sum exceeds what a Decimal256 holds') AS cost, {{- /* mutant:sums-wrap */}}
    countIf(NOT gone) AS lines,
    countIf(gone) AS gone_lines,
    countIf(estimated AND NOT gone) AS estimated_lines,
    countIf(partial) AS partial_lines
FROM polo.cost_hourly
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency
COMMENT 'Cost for each day (UTC) by source, account, region, service, resource type, owner and currency: lines that count, lines that are gone, lines that are estimates, lines of bills that are partial';
