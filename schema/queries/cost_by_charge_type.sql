-- title: Cost by charge type
-- group: cost
-- text: Usage, tax, fees, credits, refunds, commitments: what each type of charge cost in a period, in the words of the bill. (none) is what
-- text: the source does not tell, as Cost Explorer. The rows of a currency add up to all of its cost.
-- use: cost_period
-- use: cost_filter
-- rows: 1000 5000
-- cache: 60
-- column: value String | The type of charge, or (none)
-- column: kind String | value or none
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost; credits and refunds are negative
-- column: percent Nullable(Float64) | percent | Its share of all that the filters leave in the currency
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    if(item = '', '(none)', item) AS value, if(item = '', 'none', 'value') AS kind, toString(money) AS currency, amount AS cost,
    if(total = 0, NULL, round(toFloat64(cost) / toFloat64(total) * 100, 2)) AS percent,
    n AS lines, estimated AS estimated_lines, parts AS partial_lines
FROM
(
    SELECT *, sum(amount) OVER (PARTITION BY money) AS total
    FROM
    (
        SELECT
            toString(charge_type) AS item, currency AS money,
            sum(cost) AS amount, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM polo.cost_daily_by_arn
        WHERE {{cost_period}} AND {{cost_filter}}
        GROUP BY item, money
    )
)
ORDER BY currency, kind = 'value' DESC, cost DESC, value
LIMIT {limit:UInt32} + 1
