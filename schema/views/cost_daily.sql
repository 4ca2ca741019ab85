-- cost_daily: cost by day over the lines that count. source is in the key because two sources may bill the same
-- spend, and currency because different currencies do not add up. Groups may have several rows: sum them.

CREATE OR REPLACE VIEW polo.cost_daily{{on_cluster}}
AS SELECT
    toDate32(ts) AS day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38))) AS cost,
    count() AS lines,
    countIf(estimated) AS estimated_lines,
    countIf(partial) AS partial_lines
FROM polo.cost_hourly
WHERE NOT gone
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency
COMMENT 'Cost for each day (UTC) by source, account, region, service, resource type, owner and currency, over the lines that count; sum over the rows of a group';
