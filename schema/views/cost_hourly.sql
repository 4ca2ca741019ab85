-- cost_hourly: each line with its present cost. A line is gone and costs zero if its bill counts from another
-- delivery or, for a source without deliveries, if a later completed scan of its billing day did not contain
-- it. partial means that the counted delivery is not the whole bill.

CREATE OR REPLACE VIEW polo.cost_hourly{{on_cluster}}
AS SELECT
    l.event_id AS event_id, l.ts AS ts, l.period_end AS period_end, l.observed_at AS observed_at, l.source AS source,
    l.billing_day AS billing_day, l.payer_account_id AS payer_account_id, l.arn AS arn, l.platform AS platform,
    l.account_id AS account_id, l.account_role AS account_role, l.region AS region, l.service AS service,
    l.resource_type AS resource_type, l.resource_id AS resource_id, l.resource_name AS resource_name,
    l.marqo_customer AS marqo_customer, l.marqo_cluster AS marqo_cluster, l.marqo_index AS marqo_index,
    l.usage_type AS usage_type, l.operation AS operation, l.estimated AS estimated,
    -- If its source has deliveries, a line without one is from a time before they were recorded.
    if(l.delivery = '', ifNull(s.scanned_at > l.observed_at, false) OR ifNull(m.superseded_at > l.observed_at, false), NOT b.counts)::Bool AS gone, {{- /* mutant:lines-of-deliveries-add-up */}}
    if(gone, toDecimal256(0, 38), l.stated_amount) AS cost_amount,
    l.currency AS currency,
    if(gone, toDecimal256(0, 38), l.stated_quantity) AS usage_quantity,
    l.usage_unit AS usage_unit, l.tags AS tags, l.properties AS properties,
    l.delivery AS delivery, (NOT gone AND l.delivery != '' AND b.state != 'whole')::Bool AS partial
FROM
(
    SELECT * EXCEPT (cost_amount, usage_quantity), cost_amount AS stated_amount, usage_quantity AS stated_quantity
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
) AS l
LEFT ANY JOIN
(
    SELECT source, payer_account_id, billing_day, scanned_at FROM polo.cost_scan_days
) AS s ON s.source = l.source AND s.payer_account_id = l.payer_account_id AND s.billing_day = l.billing_day
LEFT ANY JOIN
(
    SELECT source, payer_account_id, report_account, billing_period, delivery, state, counts FROM polo.bill_deliveries
) AS b ON b.source = l.source AND b.payer_account_id = l.payer_account_id AND b.report_account = l.report_account
    AND b.billing_period = l.billing_day AND b.delivery = l.delivery
LEFT ANY JOIN
(
    SELECT source, payer_account_id, toStartOfMonth(billing_period) AS billing_month, max(observed_at) AS superseded_at
    FROM polo.bill_deliveries
    WHERE counts
    GROUP BY source, payer_account_id, billing_month
) AS m ON m.source = l.source AND m.payer_account_id = l.payer_account_id AND m.billing_month = toStartOfMonth(l.billing_day)
COMMENT 'One row for each line of a bill as last stated. A line is gone and costs zero where its bill counts from another delivery or a later completed scan of its day no longer held it; partial, where what it counts from is not the whole bill';
