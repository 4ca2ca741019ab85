-- title: Cost over time
-- group: cost
-- text: Cost by day, week or month, and by a dimension. The values are the top ones of the whole period; the rows of a currency and
-- text: start add up to all of its cost. What has no cost has no row.
-- param: step String | default day | How much a row covers
-- choice: step day | day
-- choice: step week | toDate32(toMonday(day))
-- choice: step month | toDate32(toStartOfMonth(day))
-- use: cost_period
-- use: cost_by
-- use: cost_filter
-- use: top
-- rows: 5000 50000
-- cache: 60
-- column: start Date32 | day (UTC) | The first day that the row covers: a day, a Monday, or the first of a month
-- column: value String | The dimension's value, (none) or (other)
-- column: kind String | value, none (the cost has no value) or other (what is beyond top)
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    start,
    multiIf(item = '', '(none)', place > {{top}}, '(other)', item) AS value,
    multiIf(item = '', 'none', place > {{top}}, 'other', 'value') AS kind,
    toString(money) AS currency,
    sum(amount) AS cost, sum(n) AS lines, sum(estimated) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT *, dense_rank() OVER (PARTITION BY money, item = '' ORDER BY total DESC, item) AS place
    FROM
    (
        SELECT *, sum(amount) OVER (PARTITION BY money, item) AS total
        FROM
        (
            SELECT
                {{step}} AS start, toString({{by}}) AS item, currency AS money,
                sum(cost) AS amount, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
            FROM polo.cost_daily
            WHERE {{cost_period}} AND {{cost_filter}}
            GROUP BY start, item, money
        )
    )
)
GROUP BY start, value, kind, currency
ORDER BY currency, start, kind = 'value' DESC, cost DESC, value
LIMIT {limit:UInt32} + 1
