-- title: What a resource costs
-- group: inventory
-- text: Cost and use of a resource by day or month, usage type and charge type.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- param: step String | default day | How much a row covers
-- choice: step day | day
-- choice: step month | toDate32(toStartOfMonth(day))
-- use: cost_period
-- rows: 1000 20000
-- cache: 60
-- column: start Date32 | day (UTC) | The first day that the row covers
-- column: usage_type String | Usage type, in the source's words
-- column: charge_type String | Type of charge, in the bill's words
-- column: source String | Which source tells it
-- column: quantity Decimal(76, 38) | unit | How much was used
-- column: unit String | Unit of quantity
-- column: currency String | Currency of the row's cost
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    {{step}} AS start, toString(c.usage_type) AS usage_type, toString(c.charge_type) AS charge_type, toString(c.source) AS source,
    sum(usage_quantity) AS quantity, toString(usage_unit) AS unit, toString(c.currency) AS currency, sum(c.cost) AS cost,
    sum(c.lines) AS lines, sum(c.estimated_lines) AS estimated_lines, sum(c.partial_lines) AS partial_lines
FROM polo.cost_daily_by_arn AS c
WHERE arn = {arn:String} AND {{cost_period}}
GROUP BY start, usage_type, charge_type, source, unit, currency
ORDER BY start DESC, cost DESC, usage_type, charge_type, source, unit, currency
LIMIT {limit:UInt32} + 1
