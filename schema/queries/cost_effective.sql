-- title: Billed, effective and list cost
-- group: cost
-- text: What was billed, what the usage cost with commitments spread over the time that they are for (amortised), and what it would have cost at
-- text: list prices. A line without one of them counts with its billed cost there; lines_without says how many those are.
-- param: from Date32 | default today-30d | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 1200
-- param: by String | default service | The dimension
-- choice: by service | service
-- choice: by account | account_id
-- choice: by region | region
-- choice: by customer | marqo_customer
-- choice: by service_category | properties['service_category']
-- choice: by pricing_currency | properties['pricing_currency']
-- choice: by availability_zone | properties['availability_zone']
-- choice: by publisher | properties['publisher']
-- choice: by month | toString(toDate(toStartOfMonth(ts)))
-- use: cost_filter
-- rows: 1000 10000
-- cache: 300
-- column: value String | The dimension's value, or (none)
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: billed Decimal(76, 38) | currency | Cost as billed
-- column: effective Decimal(76, 38) | currency | Effective (amortised) cost
-- column: list Decimal(76, 38) | currency | Cost at list prices
-- column: savings Nullable(Float64) | percent | list - effective in percent of list
-- column: lines_without UInt64 | lines | Lines that lack the effective or the list cost
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    if(item = '', '(none)', item) AS value, toString(money) AS currency,
    sum(paid) AS billed, sum(ifNull(amortised, paid)) AS effective, sum(ifNull(listed, paid)) AS list,
    if(list = 0, NULL, round(toFloat64(list - effective) / toFloat64(list) * 100, 2)) AS savings,
    countIf(amortised IS NULL OR listed IS NULL) AS lines_without,
    count() AS lines, countIf(estimated) AS estimated_lines, countIf(partial) AS partial_lines
FROM
(
    SELECT
        toString({{by}}) AS item, currency AS money, estimated, partial, ifNull(cost_amount, toDecimal256(0, 38)) AS paid,
        toDecimal256OrNull(properties['effective_cost'], 38) AS amortised, toDecimal256OrNull(properties['list_cost'], 38) AS listed
    FROM polo.cost_hourly
    WHERE (ts >= toDateTime64({from:Date32}, 3, 'UTC') AND ts < toDateTime64({until:Date32}, 3, 'UTC')) AND {{cost_filter}} AND NOT gone
)
GROUP BY value, currency
ORDER BY currency, billed DESC, value
LIMIT {limit:UInt32} + 1
