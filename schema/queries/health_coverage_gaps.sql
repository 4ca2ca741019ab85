-- title: Coverage gaps
-- group: health
-- text: What could not be read when it was last tried, or has not all arrived. In a gap nothing counts as gone.
-- param: source Array(String) | max 100 | items 50 | Only these sources; empty is all
-- param: account Array(String) | max 100 | items 200 | Only these accounts; empty is all
-- rows: 200 10000
-- cache: 30
-- column: source String | Source
-- column: account_id String | Account
-- column: account_name String | Its name, where one is known
-- column: region String | Region; empty is all
-- column: what String | Resource type, call or bill; empty is all of it
-- column: reason String | denied, throttled, unreachable, disabled, deadline, budget, invalid, partial, arriving or failed
-- column: error_code String | The source's error
-- column: first_gap DateTime64(3, 'UTC') | UTC | Since when
-- column: last_gap DateTime64(3, 'UTC') | UTC | When it was last tried
-- column: last_completed Nullable(DateTime64(3, 'UTC')) | UTC | When it was last read whole; null for never

SELECT
    toString(g.source) AS source, toString(g.account_id) AS account_id, a.name AS account_name, toString(g.region) AS region, toString(g.what) AS what,
    toString(g.reason) AS reason, toString(g.error_code) AS error_code, g.first_gap AS first_gap, g.last_gap AS last_gap, g.last_completed AS last_completed
FROM polo.coverage_gaps AS g
LEFT ANY JOIN (SELECT platform, account_id, name FROM polo.accounts) AS a ON splitByChar('.', toString(g.source))[1] = a.platform AND toString(g.account_id) = a.account_id
WHERE true
    [[AND has({source:Array(String)}, toString(g.source))]]
    [[AND has({account:Array(String)}, toString(g.account_id))]]
ORDER BY last_gap DESC, source, account_id, region, what
LIMIT {limit:UInt32} + 1
