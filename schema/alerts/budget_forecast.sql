-- title: Customer about to pass its budget
-- text: At the rate of its last whole days a customer will cost more this month than was agreed: there is time to act. The forecast is that of the query
-- text: cost_forecast. Where costs of those days are missing, the forecast is too low: a customer whose forecast is within its budget is then not known to be.
-- severity: medium
-- runbook: customer-over-budget
-- for: 2
-- keep_firing: 2
-- group_by: customer
-- repeat: 168h
-- route: finance
-- no_data: ok
-- use: forecast
-- param: percent UInt16 | default 100 | min 1 | max 1000 | More than so many hundredths of the budget
-- rows: 1000 10000
-- label: customer String | Customer
-- label: month String | The month, UTC
-- label: currency String | Currency of budget and cost, ISO 4217
-- column: forecast Decimal(76, 38) | currency | What the month will have cost at its end
-- column: budget Decimal(38, 9) | currency | The budget of a month
-- column: percent Float64 | percent | forecast of budget
-- column: to_date Decimal(76, 38) | currency | Cost of the month's whole days
-- column: daily Decimal(76, 38) | currency | The average of the last whole days
-- column: days_left Int32 | days | Days for which the average stands
-- column: partial_lines UInt64 | lines | Lines of bills that are not whole: more than 0 means that cost is missing
-- column: unread Array(String) | Sources of its costs of which a day was not read to its end
-- data: SELECT (count() > 0)::Bool FROM polo.rule_customers

WITH
    spent AS
    (
        SELECT toString(marqo_customer) AS item, currency AS money, day, cost, lines, estimated_lines, partial_lines
        FROM polo.cost_daily
        WHERE marqo_customer != '' AND marqo_customer GLOBAL IN (SELECT resource_id FROM polo.rule_customers)
    )
SELECT
    b.resource_id AS customer, formatDateTime({at:Date32}, '%Y-%m') AS month, b.currency AS currency,
    f.forecast AS forecast, b.budget AS budget, round(toFloat64(f.forecast) / toFloat64(b.budget) * 100, 1) AS percent,
    f.to_date AS to_date, f.daily AS daily, f.days_left AS days_left, f.parts AS partial_lines, u.sources AS unread,
    if(f.forecast > b.budget * {percent:UInt16} / 100, 'wrong', 'unknown') AS verdict
FROM polo.rule_customers AS b
INNER JOIN {{forecast}} AS f ON b.resource_id = f.item AND b.currency = toString(f.money)
LEFT ANY JOIN
(
    -- Sources that the forecast rests on, and of which a payer's costs up to the last whole day were not read.
    SELECT c.item AS item, c.money AS money, groupUniqArray(c.of) AS sources
    FROM
    (
        SELECT DISTINCT toString(marqo_customer) AS item, toString(currency) AS money, toString(source) AS of
        FROM polo.cost_daily
        WHERE day >= addDays({at:Date32}, -toInt32({lag:UInt8}) - toInt32({days:UInt8})) AND marqo_customer != ''
    ) AS c
    INNER JOIN
    (
        SELECT DISTINCT toString(source) AS of
        FROM
        (
            SELECT source, payer_account_id, max(billing_day) AS last
            FROM polo.cost_scan_days
            WHERE billing_day >= addDays({at:Date32}, -62) AND scanned_at >= addDays(billing_day, 1)
            GROUP BY source, payer_account_id
        )
        WHERE last < addDays({at:Date32}, -toInt32({lag:UInt8}) - 1)
    ) AS s ON c.of = s.of
    GROUP BY item, money
) AS u ON b.resource_id = u.item AND b.currency = u.money
WHERE verdict = 'wrong' OR f.parts > 0 OR notEmpty(u.sources)
ORDER BY verdict DESC, percent DESC, customer, currency
LIMIT {limit:UInt32} + 1
