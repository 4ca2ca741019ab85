-- title: Movers
-- group: cost
-- text: What changed most between two periods, up or down, by default the last 7 whole days and the 7 before: resources, usage types,
-- text: services, ...
-- param: by String | default resource | What may have moved
-- choice: by resource | arn
-- choice: by usage_type | usage_type
-- choice: by service | service
-- choice: by account | account_id
-- choice: by customer | marqo_customer
-- choice: by cluster | marqo_cluster
-- choice: by index | marqo_index
-- choice: by region | region
-- choice: by resource_type | resource_type
-- choice: by charge_type | charge_type
-- param: least Decimal(76, 38) | default 0 | min 0 | max 1000000000000 | Only changes of at least this much
-- param: from Date32 | default today-7d | min 2000-01-01 | max today+400d | The first day of the later period, UTC
-- param: until Date32 | default today | min 2000-01-02 | max today+400d | The day after its last, UTC
-- param: before_from Date32 | default today-14d | min 2000-01-01 | max today+400d | The first day of the earlier period, UTC
-- param: before_until Date32 | default today-7d | min 2000-01-02 | max today+400d | The day after its last, UTC
-- period: from until 1200
-- period: before_from before_until 1200
-- use: cost_filter
-- rows: 50 5000
-- cache: 60
-- column: value String | The resource's ARN or the dimension's value; (none) for cost that has none
-- column: label String | Name of the resource, where one is known
-- column: direction String | up, down, new (no cost before) or gone (no cost after)
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: before Decimal(76, 38) | currency | Cost in the earlier period
-- column: after Decimal(76, 38) | currency | Cost in the later period
-- column: change Decimal(76, 38) | currency | after - before
-- column: percent Nullable(Float64) | percent | change in percent of before; null where before is 0
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    if(item = '', '(none)', item) AS value,
    if({by:String} = 'resource', name, '') AS label,
    multiIf(before_lines = 0, 'new', after_lines = 0, 'gone', change > 0, 'up', 'down') AS direction,
    currency, before, after, change,
    if(before = 0, NULL, round(toFloat64(change) / abs(toFloat64(before)) * 100, 2)) AS percent,
    lines, estimated_lines, partial_lines
FROM
(
    SELECT
        toString({{by}}) AS item, max(resource_name) AS name, toString(currency) AS currency,
        sumIf(cost, (day >= {before_from:Date32} AND day < {before_until:Date32})) AS before, sumIf(cost, (day >= {from:Date32} AND day < {until:Date32})) AS after, after - before AS change,
        sumIf(d.lines, (day >= {before_from:Date32} AND day < {before_until:Date32})) AS before_lines, sumIf(d.lines, (day >= {from:Date32} AND day < {until:Date32})) AS after_lines,
        sum(d.lines) AS lines, sum(d.estimated_lines) AS estimated_lines, sum(d.partial_lines) AS partial_lines
    FROM polo.cost_daily_by_arn AS d
    WHERE ((day >= {before_from:Date32} AND day < {before_until:Date32}) OR (day >= {from:Date32} AND day < {until:Date32})) AND {{cost_filter}}
    GROUP BY item, currency
)
WHERE change != 0 AND abs(change) >= {least:Decimal(76, 38)}
ORDER BY abs(change) DESC, value, currency
LIMIT {limit:UInt32} + 1
