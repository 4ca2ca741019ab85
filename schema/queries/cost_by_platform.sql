-- title: Cost by platform and currency
-- group: cost
-- text: What each platform cost in each currency, by which source, and for which days there are costs.
-- use: cost_period
-- use: cost_filter
-- rows: 200 1000
-- cache: 60
-- column: platform String | aws, azure, gcp, ...
-- column: source String | Which source tells it
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: accounts UInt64 | accounts | Accounts with costs
-- column: first_day Date32 | day (UTC) | The first day with costs
-- column: last_day Date32 | day (UTC) | The last day with costs
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    toString(c.platform) AS platform, toString(c.source) AS source, toString(c.currency) AS currency, sum(c.cost) AS cost,
    uniqExact(account_id) AS accounts, min(day) AS first_day, max(day) AS last_day,
    sum(c.lines) AS lines, sum(c.estimated_lines) AS estimated_lines, sum(c.partial_lines) AS partial_lines
FROM polo.cost_daily AS c
WHERE {{cost_period}} AND {{cost_filter}}
GROUP BY platform, source, currency
ORDER BY cost DESC, platform, source, currency
LIMIT {limit:UInt32} + 1
