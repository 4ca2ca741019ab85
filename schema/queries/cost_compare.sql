-- title: Two periods compared
-- group: cost
-- text: What each value of a dimension cost in two periods, by default the last 30 whole days and the 30 before. The rows of a
-- text: currency add up to all of its cost in each. The periods may have different lengths; nothing is scaled.
-- param: from Date32 | default today-30d | min 2000-01-01 | max today+400d | The first day of the later period, UTC
-- param: until Date32 | default today | min 2000-01-02 | max today+400d | The day after its last, UTC
-- param: before_from Date32 | default today-60d | min 2000-01-01 | max today+400d | The first day of the earlier period, UTC
-- param: before_until Date32 | default today-30d | min 2000-01-02 | max today+400d | The day after its last, UTC
-- period: from until 1200
-- period: before_from before_until 1200
-- use: cost_by
-- use: cost_filter
-- use: top
-- rows: 1000 5000
-- cache: 60
-- column: value String | The dimension's value, (none) or (other)
-- column: kind String | value, none (the cost has no value) or other (what is beyond top)
-- column: label String | Name of the account or customer, where one is known
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: before Decimal(76, 38) | currency | Cost in the earlier period
-- column: after Decimal(76, 38) | currency | Cost in the later period
-- column: change Decimal(76, 38) | currency | after - before
-- column: percent Nullable(Float64) | percent | change in percent of before; null where before is 0
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    multiIf(item = '', '(none)', place > {{top}}, '(other)', item) AS value,
    multiIf(item = '', 'none', place > {{top}}, 'other', 'value') AS kind,
    if(kind = 'value', {{by.label}}, '') AS label,
    toString(money) AS currency,
    sum(earlier) AS before, sum(later) AS after, after - before AS change,
    if(before = 0, NULL, round(toFloat64(change) / abs(toFloat64(before)) * 100, 2)) AS percent,
    sum(n) AS lines, sum(estimated) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT *, row_number() OVER (PARTITION BY money, item = '' ORDER BY greatest(earlier, later) DESC, item) AS place
    FROM
    (
        SELECT
            toString({{by}}) AS item, currency AS money,
            sumIf(cost, (day >= {before_from:Date32} AND day < {before_until:Date32})) AS earlier, sumIf(cost, (day >= {from:Date32} AND day < {until:Date32})) AS later,
            sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM polo.cost_daily
        WHERE ((day >= {before_from:Date32} AND day < {before_until:Date32}) OR (day >= {from:Date32} AND day < {until:Date32})) AND {{cost_filter}}
        GROUP BY item, money
    )
)
GROUP BY value, kind, currency
ORDER BY currency, kind = 'value' DESC, after DESC, before DESC, value
LIMIT {limit:UInt32} + 1
