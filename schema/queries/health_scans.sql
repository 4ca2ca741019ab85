-- title: Last complete scans
-- group: health
-- text: When each scope was last read to its end, the stalest first: of resources, an account, region and type; of costs, a payer and source. Absence is
-- text: believed up to then. A scope that events name and no scan ever completed has null.
-- param: kind Array(String) | items 2 | in resources, costs | Only these; empty is both
-- param: older UInt32 | default 0 | min 0 | max 100000 | Only scopes that were not read for at least so many hours, or never
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- param: region Array(String) | max 100 | items 100 | Only these regions
-- param: resource_type Array(String) | max 200 | items 100 | Only these types: ec2:instance
-- rows: 200 10000
-- cache: 30
-- column: kind String | resources or costs
-- column: source String | Source of the costs; empty for resources
-- column: account_id String | Account
-- column: account_name String | Its name, where one is known
-- column: region String | Region; * for all, empty for costs
-- column: resource_type String | Type of the resources; empty for costs
-- column: last_scan Nullable(DateTime64(3, 'UTC')) | UTC | When it was last read to its end; null for never
-- column: age Nullable(Int64) | seconds | From that until the present
-- column: last_event Nullable(DateTime64(3, 'UTC')) | UTC | When something was last said of what is in it
-- column: covered_until Nullable(Date32) | day (UTC) | Of costs: the day after the last that was ever read to its end

SELECT
    s.kind AS kind, s.source AS source, toString(s.account_id) AS account_id, a.name AS account_name, toString(s.region) AS region, toString(s.resource_type) AS resource_type,
    s.last_scan AS last_scan, dateDiff('second', s.last_scan, now64(3, 'UTC')) AS age, s.last_event AS last_event, if(s.kind = 'costs', s.covered_until, NULL) AS covered_until
FROM polo.scan_scopes AS s
LEFT ANY JOIN (SELECT platform, account_id, name FROM polo.accounts) AS a
    ON a.account_id = toString(s.account_id) AND a.platform = multiIf(s.source != '', splitByChar('.', s.source)[1], match(s.resource_type, '^(github|cloudflare|datadog):'), splitByChar(':', s.resource_type)[1], 'aws')
WHERE (s.last_scan IS NOT NULL OR (s.account_id, s.resource_type) NOT IN (SELECT toString(account_id), toString(resource_type) FROM polo.resource_scans WHERE region = '*')) -- a scan of all regions is one of each
    AND ifNull(dateDiff('hour', s.last_scan, now64(3, 'UTC')) >= {older:UInt32}, true)
    [[AND has({kind:Array(String)}, s.kind)]]
    [[AND has({account:Array(String)}, toString(s.account_id))]]
    [[AND has({region:Array(String)}, toString(s.region))]]
    [[AND has({resource_type:Array(String)}, toString(s.resource_type))]]
ORDER BY last_scan ASC NULLS FIRST, kind, account_id, region, resource_type
LIMIT {limit:UInt32} + 1
