-- title: What changed where cost is anomalous
-- group: activity
-- text: What made the excess of each anomaly of costs (cost_anomalies), the five greatest contributors, with the changes made to each from two
-- text: days before the anomaly until its end.
-- param: from Date32 | default today-62d | min 2000-01-01 | max today+400d | Only anomalies that last to this day or beyond, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | Only those that begin before this day
-- period: from until 400
-- param: least Decimal(76, 38) | default 0 | min 0 | max 1000000000000 | Only contributors that made, up or down, at least this much
-- param: kind Array(String) | in new, vanished, level, credit, spike, weekday | items 6 | Only these kinds of anomalies; empty is all
-- param: grain Array(String) | in account, service, customer | items 3 | Only anomalies of these
-- param: account Array(String) | max 100 | items 200 | Only contributors in these accounts
-- param: service Array(String) | max 200 | items 100 | Only contributors of these services
-- param: customer Array(String) | max 300 | items 200 | Only anomalies of these customers
-- rows: 100 5000
-- cache: 60
-- column: grain String | What is anomalous: account, service (of an account) or customer
-- column: customer String | The customer, if it is one
-- column: kind String | new, vanished, level, credit, spike or weekday
-- column: first_day Date32 | day (UTC) | The anomaly's first day
-- column: last_day Date32 | day (UTC) | Its last day
-- column: currency String | Currency of the row's costs, ISO 4217
-- column: anomaly Decimal(76, 38) | currency | Excess of the anomaly
-- column: arn String | The contributor's ARN; empty for costs without one
-- column: usage_type String | Its usage type
-- column: account_id String | Its account
-- column: service String | Its service
-- column: excess Decimal(76, 38) | currency | What it cost in those days, less as many times its average of the 28 days before
-- column: provisional Bool | Whether lines of those days are estimates
-- column: changes UInt64 | changes | Creations, updates and deletions of it since two days before
-- column: last_change Nullable(DateTime64(3, 'UTC')) | UTC | The last of them
-- column: last_call String | The call that made it
-- column: last_actor String | Who made it

WITH parts AS
(
    SELECT
        toString(grain) AS grain, toString(marqo_customer) AS customer, toString(kind) AS kind, first_day, last_day, toString(currency) AS currency, excess AS anomaly, provisional,
        c.arn AS arn, c.usage_type AS usage_type, c.account_id AS account_id, c.service AS service, c.excess AS excess
    FROM polo.cost_anomalies
    ARRAY JOIN contributors AS c
    WHERE last_day >= {from:Date32} AND first_day < {until:Date32} AND abs(c.excess) >= {least:Decimal(76, 38)}
        [[AND has({kind:Array(String)}, cost_anomalies.kind)]]
        [[AND has({grain:Array(String)}, cost_anomalies.grain)]]
        [[AND has({account:Array(String)}, c.account_id)]]
        [[AND has({service:Array(String)}, c.service)]]
        [[AND has({customer:Array(String)}, marqo_customer)]]
    ORDER BY abs(excess) DESC, first_day, currency, grain, customer, arn, usage_type, account_id, service
    LIMIT {limit:UInt32} + 1
)
SELECT
    grain, customer, kind, first_day, last_day, currency, anomaly, arn, usage_type, account_id, service, excess, provisional,
    length(made) AS changes, arrayMax(made).1 AS last_change, arrayMax(made).2 AS last_call, arrayMax(made).3 AS last_actor
FROM
(
    SELECT p.*, arrayFilter(h -> toDate32(h.1) >= addDays(p.first_day, -2) AND toDate32(h.1) <= p.last_day, e.history) AS made
    FROM parts AS p
    LEFT ANY JOIN
    (
        SELECT arn, groupArray((toNullable(ts), properties['event_name'], actor)) AS history
        FROM polo.resource_events FINAL
        WHERE ts >= toDateTime64(addDays({from:Date32}, -64), 3, 'UTC') AND event_type IN ('resource.created', 'resource.updated', 'resource.deleted') AND error_code = ''
            AND arn != '' AND arn GLOBAL IN (SELECT arn FROM parts)
        GROUP BY arn
    ) AS e ON p.arn = e.arn
)
ORDER BY abs(excess) DESC, first_day, currency, grain, customer, arn, usage_type, account_id, service
LIMIT {limit:UInt32} + 1
