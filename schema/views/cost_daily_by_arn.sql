-- cost_daily_by_arn: cost by day and resource over the lines that count. Groups may have several rows: sum them.
-- charge_type is what the source calls it: Usage, Tax, Credit, DiscountedUsage, Purchase; empty if it says none.

CREATE OR REPLACE VIEW polo.cost_daily_by_arn{{on_cluster}}
AS SELECT
    toDate32(ts) AS day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, arn, resource_name, usage_type,
    multiIf(properties['charge_type'] != '', properties['charge_type'], properties['line_item_type'] != '', properties['line_item_type'], properties['charge_category']) AS charge_type,
    usage_unit, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38))) AS cost,
    sum(ifNull(l.usage_quantity, toDecimal256(0, 38))) AS usage_quantity,
    count() AS lines,
    countIf(estimated) AS estimated_lines,
    countIf(partial) AS partial_lines
FROM polo.cost_hourly AS l
WHERE NOT gone
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, arn, resource_name, usage_type, charge_type, usage_unit, currency
COMMENT 'Cost and usage for each day (UTC) and resource by usage type, charge type and currency, over the lines that count; sum over the rows of a group';
