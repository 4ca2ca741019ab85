-- title: Cost and quantity by usage type
-- group: cost
-- text: What each usage type cost, how much was used, and the average price. The rows of a currency add up to all of its cost; quantities
-- text: of different units are not added.
-- use: cost_period
-- use: cost_filter
-- use: top
-- rows: 1000 5000
-- cache: 60
-- column: value String | The usage type in the source's words, (none) or (other)
-- column: kind String | value, none or other
-- column: service String | Its service, or (several)
-- column: quantity Nullable(Decimal(76, 38)) | unit | How much was used; null for (other)
-- column: unit String | Unit of quantity, in the source's words; empty where it says none
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: price Nullable(Float64) | currency per unit | cost divided by quantity, rounded: an average, no price of a list
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    multiIf(item = '', '(none)', place > {{top}}, '(other)', item) AS value,
    multiIf(item = '', 'none', place > {{top}}, 'other', 'value') AS kind,
    if(min(services.1) = max(services.2), min(services.1), '(several)') AS service,
    if(kind = 'other', NULL, sum(used)) AS quantity,
    if(kind = 'other', '', toString(measure)) AS unit,
    toString(money) AS currency,
    sum(amount) AS cost,
    if(ifNull(quantity = 0, true), NULL, toFloat64(cost) / toFloat64(quantity)) AS price,
    sum(n) AS lines, sum(estimated) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT *, row_number() OVER (PARTITION BY money, item = '' ORDER BY amount DESC, item, measure) AS place
    FROM
    (
        SELECT
            toString(usage_type) AS item, (toString(min(service)), toString(max(service))) AS services, usage_unit AS measure, currency AS money,
            sum(usage_quantity) AS used, sum(cost) AS amount, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM polo.cost_daily_by_arn
        WHERE {{cost_period}} AND {{cost_filter}}
        GROUP BY item, measure, money
    )
)
GROUP BY value, kind, unit, currency
ORDER BY currency, kind = 'value' DESC, cost DESC, value, unit
LIMIT {limit:UInt32} + 1
