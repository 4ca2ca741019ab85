-- title: Cost over time, spread over its periods
-- group: cost
-- text: As cost_series, but a line that is for more than a day, such as a monthly fee or a platform's bill by month, costs an equal part on each of its
-- text: days and not all of it on the first; what does not divide is on the last. So days before from and after until have parts too, and the total
-- text: differs from what was billed in the period. Lines for more than 1,100 days are not spread.
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
-- column: cost Decimal(76, 38) | currency | What it cost, spread
-- column: spread Decimal(76, 38) | currency | What of it is of lines for more than a day
-- column: lines UInt64 | lines | Lines of bills of which it has all or a part
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    start,
    multiIf(item = '', '(none)', place > {{top}}, '(other)', item) AS value,
    multiIf(item = '', 'none', place > {{top}}, 'other', 'value') AS kind,
    toString(money) AS currency,
    sum(amount) AS cost, sum(part) AS spread, sum(n) AS lines, sum(estimates) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT *, dense_rank() OVER (PARTITION BY money, item = '' ORDER BY total DESC, item) AS place
    FROM
    (
        SELECT *, sum(amount) OVER (PARTITION BY money, item) AS total
        FROM
        (
            SELECT {{step}} AS start, item, money, sum(stated) AS amount, sum(shared) AS part, sum(a) AS n, sum(b) AS estimates, sum(c) AS parts
            FROM
            (
                SELECT day, toString({{by}}) AS item, currency AS money, sum(cost) AS stated, toDecimal256(0, 38) AS shared, sum(lines) AS a, sum(estimated_lines) AS b, sum(partial_lines) AS c
                FROM polo.cost_daily
                WHERE {{cost_period}} AND {{cost_filter}}
                GROUP BY day, item, money
                UNION ALL
                SELECT
                    day, item, money, sum(portion) AS stated, sumIf(portion, of > 0) AS shared,
                    countIf(of > 1 AND enters), countIf(of > 1 AND enters AND estimated), countIf(of > 1 AND enters AND partial)
                FROM
                (
                    -- All of a line is taken off its first day (of is 0), and its portions are put on each of its days (of is 1 to days). The first day counts
                    -- the line already; a later row counts it on the first of its days there (enters).
                    SELECT
                        item, money, estimated, partial, arrayJoin(range(0, toUInt64(days) + 1)) AS of, addDays(first_day, greatest(of, 1) - 1) AS day,
                        multiIf(of = 0, -whole, of < days, share, whole - share * toDecimal256(days - 1, 0)) AS portion,
                        day = {from:Date32} OR arrayMap(day -> {{step}}, [day])[1] != arrayMap(day -> {{step}}, [addDays(day, -1)])[1] AS enters
                    FROM
                    (
                        SELECT
                            toString({{by}}) AS item, currency AS money, estimated, partial, day AS first_day, cost AS whole, toInt32(last_day) - toInt32(day) + 1 AS days, whole / days AS share
                        FROM polo.cost_periods
                        WHERE day > addDays({from:Date32}, -1100) AND day < {until:Date32} AND {{cost_filter}}
                    )
                    WHERE days <= 1100
                )
                WHERE {{cost_period}}
                GROUP BY day, item, money
            )
            GROUP BY start, item, money
        )
    )
)
GROUP BY start, value, kind, currency
ORDER BY currency, start, kind = 'value' DESC, cost DESC, value
LIMIT {limit:UInt32} + 1
