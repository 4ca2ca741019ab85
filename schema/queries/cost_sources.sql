-- title: Two sources compared
-- group: cost
-- text: Two sources that bill the same money side by side, by month and account, as Cost Explorer and the bill. A source that tells nothing of
-- text: a month and account has 0 lines there.
-- param: first String | default aws.cur | min 1 | max 100 | A source
-- param: second String | default aws.cost_explorer | min 1 | max 100 | The source to hold against it
-- param: from Date32 | default month-3m | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 1200
-- rows: 1000 10000
-- cache: 300
-- column: month Date32 | day (UTC) | The first day of the month
-- column: account_id String | Account
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: first_cost Decimal(76, 38) | currency | Cost by the first source
-- column: second_cost Decimal(76, 38) | currency | Cost by the second source
-- column: difference Decimal(76, 38) | currency | second_cost - first_cost
-- column: percent Nullable(Float64) | percent | difference in percent of first_cost; null where that is 0
-- column: first_lines UInt64 | lines | Lines of the first source
-- column: second_lines UInt64 | lines | Lines of the second source
-- column: estimated_lines UInt64 | lines | Lines of either that are estimates
-- column: partial_lines UInt64 | lines | Lines of either of bills that are not whole

SELECT
    toDate32(toStartOfMonth(day)) AS month, toString(c.account_id) AS account_id, toString(c.currency) AS currency,
    sumIf(cost, source = {first:String}) AS first_cost,
    sumIf(cost, source = {second:String}) AS second_cost,
    second_cost - first_cost AS difference,
    if(first_cost = 0, NULL, round(toFloat64(difference) / abs(toFloat64(first_cost)) * 100, 2)) AS percent,
    sumIf(lines, source = {first:String}) AS first_lines,
    sumIf(lines, source = {second:String}) AS second_lines,
    sum(c.estimated_lines) AS estimated_lines, sum(c.partial_lines) AS partial_lines
FROM polo.cost_rollup_daily AS c
WHERE day >= {from:Date32} AND day < {until:Date32} AND source IN ({first:String}, {second:String}) AND lines > 0
GROUP BY month, account_id, currency
ORDER BY currency, month DESC, account_id
LIMIT {limit:UInt32} + 1
