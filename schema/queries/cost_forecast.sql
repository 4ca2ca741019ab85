-- title: Forecast to the end of the month
-- group: cost
-- text: What the month of a day will have cost at its end: its whole days so far, and for the days left the average of the whole days
-- text: before, but no less than what is billed already. Bills lag: the last days are taken as not whole. Charges once a month and the days of a week
-- text: are not told apart.
-- param: at Date32 | default today | min 2000-02-01 | max today+31d | The day of the forecast, UTC
-- param: lag UInt8 | default 2 | min 0 | max 10 | How many days before that are not whole, for bills come late
-- param: days UInt8 | default 14 | min 1 | max 90 | The average is of so many whole days
-- use: cost_by
-- use: cost_filter
-- rows: 100 5000
-- cache: 300
-- column: value String | The dimension's value, or (none)
-- column: label String | Name of the account or customer, where one is known
-- column: month Date32 | day (UTC) | The first day of the month
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: to_date Decimal(76, 38) | currency | Cost of the month's whole days
-- column: daily Decimal(76, 38) | currency | The average day, rounded to 6 digits
-- column: days_left Int32 | days | Days for which the average stands
-- column: forecast Decimal(76, 38) | currency | to_date and days_left times daily, or what is billed of the month if that is more
-- column: last_month Decimal(76, 38) | currency | Cost of the month before
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

WITH
    toDate32(toStartOfMonth({at:Date32})) AS first,
    addMonths(first, 1) AS past,
    addDays({at:Date32}, -toInt32({lag:UInt8})) AS whole,
    addDays(whole, -toInt32({days:UInt8})) AS since
SELECT
    if(item = '', '(none)', item) AS value, if(item = '', '', {{by.label}}) AS label, first AS month, toString(money) AS currency,
    done AS to_date,
    round(CAST(recent / toInt32({days:UInt8}), 'Decimal(76, 38)'), 6) AS daily,
    toInt32(dateDiff('day', greatest(whole, first), past)) AS days_left,
    greatest(CAST(to_date + daily * days_left, 'Decimal(76, 38)'), billed) AS forecast,
    previous AS last_month,
    n AS lines, estimated AS estimated_lines, parts AS partial_lines
FROM
(
    SELECT
        toString({{by}}) AS item, currency AS money,
        sumIf(cost, day >= first AND day < whole) AS done,
        sumIf(cost, day >= first) AS billed,
        sumIf(cost, day >= since AND day < whole) AS recent,
        sumIf(cost, day >= addMonths(first, -1) AND day < first) AS previous,
        sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
    FROM polo.cost_daily
    WHERE day >= least(since, addMonths(first, -1)) AND day < past AND {{cost_filter}}
    GROUP BY item, money
)
ORDER BY currency, forecast DESC, value
LIMIT {limit:UInt32} + 1
