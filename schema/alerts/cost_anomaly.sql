-- title: Cost that its past does not explain
-- text: What an account, a service of it or a customer costs is not what its past says: something runs that should not, a price or a setting changed,
-- text: or something that should cost stopped. Only days are judged of which the costs were read to their end. While a line of those days is an estimate, a small
-- text: anomaly neither fires nor resolves; one that a restated bill explains is resolved.
-- severity: high
-- runbook: cost-anomaly
-- for: 1
-- keep_firing: 1
-- group_by: account_id, customer, currency
-- repeat: 72h
-- route: finance
-- no_data: ok
-- param: at Date32 | default today | min 2000-02-01 | max today+31d | The day of the evaluation, UTC
-- param: days UInt16 | default 10 | min 1 | max 62 | Only anomalies that last to one of so many days back: costs come late
-- param: least Decimal(76, 38) | default 10 | min 0 | max 1000000000000 | Only those with an excess, up or down, of at least this much, in any currency
-- param: provisional Decimal(76, 38) | default 100 | min 0 | max 1000000000000 | Of days that are estimates, those with a lesser excess neither fire nor resolve
-- param: kind Array(String) | in new, vanished, level, credit, spike, weekday | items 6 | Only these kinds; empty is all
-- rows: 1000 10000
-- label: grain String | What it is of: account, service (of an account) or customer
-- label: account_id String | Account; empty for a customer
-- label: service String | Service; empty for an account or a customer
-- label: customer String | Customer; empty for an account or a service
-- label: source String | Source of the costs
-- label: payer String | Account that pays the bill
-- label: currency String | Currency of the amounts, ISO 4217
-- label: first_day String | Its first day, UTC
-- column: kind String | new, vanished, level, credit, spike or weekday
-- column: last_day Date32 | day (UTC) | Its last day so far
-- column: cost Decimal(76, 38) | currency | What those days cost
-- column: expected Decimal(76, 38) | currency | What they should have cost
-- column: excess Decimal(76, 38) | currency | cost - expected
-- column: provisional Bool | Whether lines of those days are estimates
-- column: contributors Array(String) | What made the excess, most first: ARN or, without one, account and service; and usage type
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.scans WHERE ts > now64(3, 'UTC') - toIntervalDay(400) AND event_type = 'scan.completed' AND resource_type = '' LIMIT 1)

SELECT
    toString(a.grain) AS grain, toString(a.account_id) AS account_id, toString(a.service) AS service, toString(a.marqo_customer) AS customer,
    toString(a.source) AS source, toString(a.payer_account_id) AS payer, toString(a.currency) AS currency, toString(a.first_day) AS first_day,
    toString(a.kind) AS kind, a.last_day AS last_day, a.cost AS cost, a.expected AS expected, a.excess AS excess, a.provisional AS provisional,
    arrayMap(c -> trimRight(concat(if(c.arn = '', concat(c.account_id, ' ', c.service), c.arn), ' ', c.usage_type)), a.contributors) AS contributors,
    if(a.provisional AND abs(a.excess) < {provisional:Decimal(76, 38)}, 'unknown', 'wrong') AS verdict
FROM polo.cost_anomalies AS a
WHERE a.last_day >= addDays({at:Date32}, -toInt32({days:UInt16})) AND abs(a.excess) >= {least:Decimal(76, 38)}
    [[AND has({kind:Array(String)}, a.kind)]]
ORDER BY verdict DESC, abs(a.excess) DESC, first_day, currency, grain, account_id, service, customer, source, payer
LIMIT {limit:UInt32} + 1
