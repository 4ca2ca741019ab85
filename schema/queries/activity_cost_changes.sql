-- title: What changed where cost changed
-- group: activity
-- text: The resources whose cost changed most between two periods, by default the last 7 whole days and the 7 before, with the changes made to
-- text: them since the earlier one began.
-- param: from Date32 | default today-7d | min 2000-01-01 | max today+400d | The first day of the later period, UTC
-- param: until Date32 | default today | min 2000-01-02 | max today+400d | The day after its last, UTC
-- param: before_from Date32 | default today-14d | min 2000-01-01 | max today+400d | The first day of the earlier period, UTC
-- param: before_until Date32 | default today-7d | min 2000-01-02 | max today+400d | The day after its last, UTC
-- period: before_from until 400
-- param: least Decimal(76, 38) | default 0 | min 0 | max 1000000000000 | Only changes of cost of at least this much
-- use: cost_filter
-- rows: 50 1000
-- cache: 60
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: currency String | Currency of the row's costs
-- column: before Decimal(76, 38) | currency | Cost in the earlier period
-- column: after Decimal(76, 38) | currency | Cost in the later period
-- column: change Decimal(76, 38) | currency | after - before
-- column: changes UInt64 | changes | Creations, updates and deletions of it since before_from
-- column: last_change Nullable(DateTime64(3, 'UTC')) | UTC | The last of them
-- column: last_call String | The call that made it
-- column: last_actor String | Who made it
-- column: lines UInt64 | lines | Lines of bills that make the costs up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates
-- column: partial_lines UInt64 | lines | Those of bills that are not whole

WITH moved AS
(
    SELECT
        arn, toString(max(resource_type)) AS kind_of, max(resource_name) AS name, toString(max(account_id)) AS account, currency AS money,
        sumIf(cost, (day >= {before_from:Date32} AND day < {before_until:Date32})) AS before, sumIf(cost, (day >= {from:Date32} AND day < {until:Date32})) AS after, after - before AS change,
        sum(d.lines) AS lines, sum(d.estimated_lines) AS estimated_lines, sum(d.partial_lines) AS partial_lines
    FROM polo.cost_daily_by_arn AS d
    WHERE ((day >= {before_from:Date32} AND day < {before_until:Date32}) OR (day >= {from:Date32} AND day < {until:Date32})) AND arn != '' AND {{cost_filter}}
    GROUP BY arn, money
    HAVING change != 0 AND abs(change) >= {least:Decimal(76, 38)}
    ORDER BY abs(change) DESC, arn, money
    LIMIT {limit:UInt32} + 1
)
SELECT
    m.arn AS arn, m.kind_of AS resource_type, m.name AS resource_name, m.account AS account_id, toString(m.money) AS currency,
    m.before AS before, m.after AS after, m.change AS change,
    e.n AS changes, e.last.1 AS last_change, e.last.2 AS last_call, e.last.3 AS last_actor,
    m.lines AS lines, m.estimated_lines AS estimated_lines, m.partial_lines AS partial_lines
FROM moved AS m
LEFT ANY JOIN
(
    SELECT arn, count() AS n, max((toNullable(ts), properties['event_name'], actor)) AS last
    FROM polo.resource_events FINAL
    WHERE ts >= toDateTime64({before_from:Date32}, 3, 'UTC') AND ts < toDateTime64({until:Date32}, 3, 'UTC')
        AND event_type IN ('resource.created', 'resource.updated', 'resource.deleted') AND error_code = '' AND arn GLOBAL IN (SELECT arn FROM moved)
    GROUP BY arn
) AS e ON m.arn = e.arn
ORDER BY abs(change) DESC, arn, currency
LIMIT {limit:UInt32} + 1
