-- cost_daily_by_tag: cost by day and tag over the lines that count. A line counts once for each of its tags, so sum
-- within one tag key only. Groups may have several rows: sum them.

CREATE OR REPLACE VIEW polo.cost_daily_by_tag{{on_cluster}}
AS SELECT
    toDate32(ts) AS day, tag_key, tag_value, source, platform, account_id, service, marqo_customer, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38))) AS cost,
    count() AS lines,
    countIf(estimated) AS estimated_lines,
    countIf(partial) AS partial_lines
FROM polo.cost_hourly
ARRAY JOIN mapKeys(tags) AS tag_key, mapValues(tags) AS tag_value
WHERE NOT gone
GROUP BY day, tag_key, tag_value, source, platform, account_id, service, marqo_customer, currency
COMMENT 'Cost for each day (UTC) and tag by source, account, service, customer and currency, over the lines that count: a line counts for each of its tags';
