-- param: at Date32 | default today | min 2000-02-01 | max today+31d | The day of the forecast, UTC
-- param: lag UInt8 | default 2 | min 0 | max 10 | How many days before that are not whole, for bills come late
-- param: days UInt8 | default 14 | min 1 | max 90 | The average is of so many whole days

(
    -- The forecast of each item and money of spent, which has rows of cost_daily.
    WITH
        toDate32(toStartOfMonth({at:Date32})) AS first,
        addMonths(first, 1) AS past,
        addDays({at:Date32}, -toInt32({lag:UInt8})) AS whole,
        addDays(whole, -toInt32({days:UInt8})) AS since
    SELECT
        item, money, first AS month, done AS to_date,
        round(CAST(recent / toInt32({days:UInt8}), 'Decimal(76, 38)'), 6) AS daily,
        toInt32(dateDiff('day', greatest(whole, first), past)) AS days_left,
        greatest(CAST(to_date + daily * days_left, 'Decimal(76, 38)'), billed) AS forecast,
        previous, n, estimated, parts
    FROM
    (
        SELECT
            item, money,
            sumIf(cost, day >= first AND day < whole) AS done,
            sumIf(cost, day >= first) AS billed,
            sumIf(cost, day >= since AND day < whole) AS recent,
            sumIf(cost, day >= addMonths(first, -1) AND day < first) AS previous,
            sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM spent
        WHERE day >= least(since, addMonths(first, -1)) AND day < past
        GROUP BY item, money
    )
)
