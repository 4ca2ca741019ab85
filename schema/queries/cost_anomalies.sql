-- title: Anomalies
-- group: cost
-- text: Runs of days on which what an account, a service of it or a customer cost was not what its past says: new, vanished, on another
-- text: level, credited, a spike, or a weekday unlike itself. An account's anomaly may be that of one of its services, told again.
-- text: Only days are judged of which the costs were read to their end, of the last 62. docs/DESIGN.md says how.
-- param: from Date32 | default today-62d | min 2000-01-01 | max today+400d | Only anomalies that last to this day or beyond, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | Only those that begin before this day
-- period: from until 1200
-- param: least Decimal(76, 38) | default 0 | min 0 | max 1000000000000 | Only those with an excess, up or down, of at least this much
-- param: kind Array(String) | in new, vanished, level, credit, spike, weekday | items 6 | Only these kinds; empty is all
-- param: grain Array(String) | in account, service, customer | items 3 | Only anomalies of these
-- param: source Array(String) | max 100 | items 20 | Only these sources
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- param: service Array(String) | max 200 | items 100 | Only these services
-- param: customer Array(String) | max 300 | items 200 | Only these customers
-- param: currency Array(String) | max 6 | items 20 | Only these currencies
-- rows: 100 5000
-- cache: 60
-- column: grain String | account, service (of an account) or customer
-- column: account_id String | Account; empty for a customer
-- column: service String | Service; empty for an account or a customer
-- column: customer String | Customer; empty for an account or a service
-- column: kind String | new, vanished, level, credit, spike or weekday
-- column: first_day Date32 | day (UTC) | Its first day
-- column: last_day Date32 | day (UTC) | Its last day
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What those days cost
-- column: expected Decimal(76, 38) | currency | What they should have cost, rounded to 6 digits a day
-- column: excess Decimal(76, 38) | currency | cost - expected
-- column: provisional Bool | Whether lines of those days are estimates: it may go away
-- column: contributors Array(String) | What made the excess, most first: ARN or, without one, account and service; and usage type
-- column: source String | Source of the costs
-- column: payer String | Account that pays the bill
-- column: computed_at DateTime('UTC') | UTC | When the costs were judged

SELECT
    toString(a.grain) AS grain, toString(a.account_id) AS account_id, toString(a.service) AS service, toString(a.marqo_customer) AS customer, toString(a.kind) AS kind,
    a.first_day AS first_day, a.last_day AS last_day, toString(a.currency) AS currency, a.cost AS cost, a.expected AS expected, a.excess AS excess, a.provisional AS provisional,
    arrayMap(c -> trimRight(concat(if(c.arn = '', concat(c.account_id, ' ', c.service), c.arn), ' ', c.usage_type)), a.contributors) AS contributors,
    toString(a.source) AS source, toString(a.payer_account_id) AS payer, a.computed_at AS computed_at
FROM polo.cost_anomalies AS a
WHERE a.last_day >= {from:Date32} AND a.first_day < {until:Date32} AND abs(a.excess) >= {least:Decimal(76, 38)}
    [[AND has({kind:Array(String)}, a.kind)]]
    [[AND has({grain:Array(String)}, a.grain)]]
    [[AND has({source:Array(String)}, a.source)]]
    [[AND has({account:Array(String)}, a.account_id)]]
    [[AND has({service:Array(String)}, a.service)]]
    [[AND has({customer:Array(String)}, a.marqo_customer)]]
    [[AND has({currency:Array(String)}, a.currency)]]
ORDER BY abs(excess) DESC, first_day, currency, grain, account_id, service, customer, source, payer
LIMIT {limit:UInt32} + 1
