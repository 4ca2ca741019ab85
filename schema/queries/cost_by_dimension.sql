-- title: Cost by a dimension
-- group: cost
-- text: What each value of a dimension cost in a period: service, account, customer, ... The rows of a currency add up to all of
-- text: its cost. account_role and customer_tier are those of the present, as polo meta sets them.
-- use: cost_period
-- use: cost_by
-- use: cost_filter
-- use: top
-- rows: 1000 5000
-- cache: 60
-- column: value String | The dimension's value, (none) or (other)
-- column: kind String | value, none (the cost has no value) or other (what is beyond top)
-- column: label String | Name of the account or customer, where one is known
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: percent Nullable(Float64) | percent | Its share of all that the filters leave in the currency
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    multiIf(item = '', '(none)', place > {{top}}, '(other)', item) AS value,
    multiIf(item = '', 'none', place > {{top}}, 'other', 'value') AS kind,
    if(kind = 'value', {{by.label}}, '') AS label,
    toString(money) AS currency,
    sum(amount) AS cost,
    if(any(total) = 0, NULL, round(toFloat64(cost) / toFloat64(any(total)) * 100, 2)) AS percent,
    sum(n) AS lines, sum(estimated) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT
        *, sum(amount) OVER (PARTITION BY money) AS total,
        row_number() OVER (PARTITION BY money, item = '' ORDER BY amount DESC, item) AS place
    FROM
    (
        SELECT toString({{by}}) AS item, currency AS money, sum(cost) AS amount, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM polo.cost_daily
        WHERE {{cost_period}} AND {{cost_filter}}
        GROUP BY item, money
    )
)
GROUP BY value, kind, currency -- mutant:the-others-are-left-out
ORDER BY currency, kind = 'value' DESC, cost DESC, value
LIMIT {limit:UInt32} + 1
