-- title: Too much cost without an owner
-- text: A greater share of a platform's cost belongs to no customer than is accepted: what nobody owns, nobody saves on, and what customers cost is understated.
-- text: Of the last whole days; while they were not read to their end, or are of a bill that is not whole, the share is not known.
-- severity: low
-- runbook: cost-without-an-owner
-- for: 2
-- keep_firing: 2
-- group_by: platform
-- repeat: 168h
-- route: finance
-- no_data: ok
-- param: at Date32 | default today | min 2000-02-01 | max today+31d | The day of the evaluation, UTC
-- param: percent Decimal(5, 2) | default 30 | min 0 | max 100 | A share of more than so many percent
-- param: days UInt8 | default 7 | min 1 | max 90 | Of so many days
-- param: lag UInt8 | default 3 | min 0 | max 30 | That ended so many days before: costs come late
-- param: least Decimal(76, 38) | default 10 | min 0 | max 1000000000000 | Only where the cost without an owner is at least this much, in any currency
-- rows: 200 1000
-- label: platform String | Platform
-- label: currency String | Currency of the costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | Cost without an owner
-- column: total Decimal(76, 38) | currency | All cost
-- column: percent Nullable(Float64) | percent | cost of total; null where the total is not positive
-- column: first_day Date32 | day (UTC) | The first of those days
-- column: last_day Date32 | day (UTC) | The last of them
-- column: most String | Account and service with the most cost without an owner
-- column: partial_lines UInt64 | lines | Lines of bills that are not whole: more than 0 means that cost is missing
-- column: unread Array(String) | Sources of which a day was not read to its end
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.cost_daily WHERE day >= addDays(toDate32(now('UTC')), -62) LIMIT 1)

WITH
    addDays({at:Date32}, -toInt32({lag:UInt8})) AS until,
    addDays(until, -toInt32({days:UInt8})) AS since,
    (
        -- Sources of which a payer's day of those was not read to its end after it was over.
        SELECT groupUniqArray(of)
        FROM
        (
            SELECT toString(source) AS of, payer_account_id, countIf(billing_day >= since AND billing_day < until) AS n
            FROM polo.cost_scan_days
            WHERE billing_day >= addDays(since, -31) AND scanned_at >= addDays(billing_day, 1)
            GROUP BY of, payer_account_id
            HAVING n < {days:UInt8}
        )
    ) AS behind
SELECT
    of AS platform, money AS currency, sum(c.unowned) AS cost, sum(c.amount) AS total,
    if(total <= 0, NULL, round(toFloat64(cost) / toFloat64(total) * 100, 2)) AS percent,
    since AS first_day, addDays(until, -1) AS last_day, argMax(c.place, c.unowned) AS most,
    sum(c.parts) AS partial_lines, arraySort(arrayIntersect(groupUniqArrayArray(c.sources), behind)) AS unread,
    if(partial_lines = 0 AND empty(unread) AND total > 0, 'wrong', 'unknown') AS verdict
FROM
(
    SELECT
        toString(platform) AS of, toString(currency) AS money, concat(toString(account_id), ' ', toString(service)) AS place,
        sumIf(cost, marqo_customer = '') AS unowned, sum(cost) AS amount, sum(partial_lines) AS parts, groupUniqArray(toString(source)) AS sources
    FROM polo.cost_daily
    WHERE day >= since AND day < until
    GROUP BY of, money, place
) AS c
GROUP BY of, money
HAVING verdict = 'unknown' OR cost >= {least:Decimal(76, 38)} AND cost * 100 > total * {percent:Decimal(5, 2)}
ORDER BY verdict DESC, cost DESC, platform, currency
LIMIT {limit:UInt32} + 1
