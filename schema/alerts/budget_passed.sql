-- title: Customer over budget
-- text: What a customer costs this month is more than was agreed. It stays so until the month ends, the budget is raised, or a bill is restated. While
-- text: a bill is not whole, a customer within its budget is not known to be.
-- severity: high
-- runbook: customer-over-budget
-- for: 1
-- keep_firing: 1
-- group_by: customer
-- repeat: 168h
-- route: finance
-- no_data: ok
-- param: percent UInt16 | default 100 | min 1 | max 1000 | More than so many hundredths of the budget
-- rows: 1000 10000
-- label: customer String | Customer
-- label: month String | The month, UTC
-- label: currency String | Currency of budget and cost, ISO 4217
-- column: cost Decimal(76, 38) | currency | What it has cost this month
-- column: budget Decimal(38, 9) | currency | The budget of a month
-- column: percent Float64 | percent | cost of budget
-- column: estimated_lines UInt64 | lines | Lines of bills that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Lines of bills that are not whole: more than 0 means that cost is missing
-- data: SELECT (count() > 0)::Bool FROM polo.rule_customers

SELECT
    b.resource_id AS customer, formatDateTime(now('UTC'), '%Y-%m') AS month, b.currency AS currency,
    b.cost AS cost, b.budget AS budget, round(toFloat64(b.cost) / toFloat64(b.budget) * 100, 1) AS percent,
    l.estimated AS estimated_lines, l.parts AS partial_lines,
    if(over, 'wrong', 'unknown') AS verdict
FROM (SELECT *, cost > budget * {percent:UInt16} / 100 AS over FROM polo.rule_customers) AS b
LEFT ANY JOIN
(
    SELECT toString(marqo_customer) AS of, toString(currency) AS money, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
    FROM polo.cost_daily
    WHERE day >= toStartOfMonth(toDate32(now('UTC'))) AND marqo_customer != ''
    GROUP BY of, money
) AS l ON b.resource_id = l.of AND b.currency = l.money
WHERE over OR partial_lines > 0
ORDER BY verdict DESC, percent DESC, customer, currency
LIMIT {limit:UInt32} + 1
