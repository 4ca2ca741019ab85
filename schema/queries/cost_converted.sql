-- title: Cost by platform and month, converted
-- group: cost
-- text: What each platform cost in each month and currency, and what that is in one currency, by the rates that polo fx sets for each day. What no
-- text: rate converts is told beside it, in its own currency, and is in no sum.
-- param: to String | default USD | pattern [A-Z]{3} | The currency to convert to, ISO 4217
-- param: holds UInt16 | default 45 | min 1 | max 400 | For how many days a rate holds where no later one is set
-- param: from Date32 | default month-5m | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 1200
-- use: cost_filter
-- rows: 1000 10000
-- cache: 60
-- column: month Date32 | day (UTC) | The first day of the month
-- column: platform String | aws, github, cloudflare or datadog
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: converted_currency String | Currency that it is converted to
-- column: converted Nullable(Decimal(76, 38)) | converted_currency | What the days with a rate cost, converted day by day; null where none has one
-- column: unconverted Decimal(76, 38) | currency | What the days without a rate cost: anything but 0 is missing in converted
-- column: lowest_rate Nullable(Decimal(38, 18)) | The lowest rate that was used; 1 where nothing is to convert
-- column: highest_rate Nullable(Decimal(38, 18)) | The highest
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    toDate32(toStartOfMonth(c.on_day)) AS month, c.of AS platform, c.money AS currency, sum(c.amount) AS cost, {to:String} AS converted_currency,
    if(countIf(c.rate > 0) = 0, NULL, sumIf(multiplyDecimal(c.amount, c.rate, 38), c.rate > 0)) AS converted,
    sumIf(c.amount, c.rate = 0) AS unconverted,
    minIf(toNullable(c.rate), c.rate > 0) AS lowest_rate, maxIf(toNullable(c.rate), c.rate > 0) AS highest_rate,
    sum(c.n) AS lines, sum(c.estimated) AS estimated_lines, sum(c.parts) AS partial_lines
FROM
(
    SELECT
        d.on_day AS on_day, d.of AS of, d.money AS money, d.amount AS amount, d.n AS n, d.estimated AS estimated, d.parts AS parts,
        multiIf(d.money = {to:String}, toDecimal128(1, 18), r.rate > 0 AND dateDiff('day', r.day, d.on_day) < {holds:UInt16}, r.rate, toDecimal128(0, 18)) AS rate
    FROM
    (
        SELECT
            day AS on_day, toString(platform) AS of, toString(currency) AS money, sum(cost) AS amount, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM polo.cost_daily
        WHERE (day >= {from:Date32} AND day < {until:Date32}) AND {{cost_filter}}
        GROUP BY on_day, of, money
    ) AS d
    ASOF LEFT JOIN (SELECT toString(currency) AS money, day, rate FROM polo.fx_rates FINAL WHERE target = {to:String} AND rate > 0) AS r
        ON d.money = r.money AND d.on_day >= r.day
) AS c
GROUP BY month, platform, currency
ORDER BY month DESC, cost DESC, platform, currency
LIMIT {limit:UInt32} + 1
