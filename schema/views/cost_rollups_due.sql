-- cost_rollups_due: the rows of new generations for days that have none which counts: cost_rollups_mv inserts
-- them. The fingerprints are read before the lines: a line that comes between the two is rolled up, and its
-- day rolled up again.
--
-- A day is left alone for half a minute after it was last rolled up, and a run takes about a million
-- lines, so that rolling up never takes much from loading; days that were never rolled up come first. A
-- generation of a day that changes often lives for an hour, any other for five to six weeks.
--
-- On a cluster each server rolls up the lines of its shard. It waits until it has what other replicas have
-- inserted, so that it does not take a day for seen of which it lacks lines.

CREATE OR REPLACE VIEW polo.cost_rollups_due{{on_cluster}}
AS WITH
    (
        SELECT (groupArray(day), groupArray(print), groupArray(made), groupArray(until))
        FROM
        (
            SELECT
                day, print,
                bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(now64(3))), 22), bitAnd(rand64(day), 4194303)) AS made,
                toDateTime(toUnixTimestamp(now()) + if(last_made > toUnixTimestamp(now()) - 3000, 3600, 3024000 + rand(day) % 604800), 'UTC') AS until,
                sum(stored_rows) OVER (ORDER BY last_made, day DESC ROWS UNBOUNDED PRECEDING) - stored_rows AS before
            FROM (SELECT *, toUInt32(intDiv(bitShiftRight(latest, 22), 1000)) AS last_made FROM polo.cost_days)
            WHERE generation = 0 AND last_made < toUnixTimestamp(now()) - 30
        )
        WHERE before < 1000000
    ) AS due
SELECT
    kind, key, day,
    transform(day, due.1, due.3, 0::UInt64) AS generation, transform(day, due.1, due.2, 0::UInt64) AS print, transform(day, due.1, due.4, toDateTime(0, 'UTC')) AS expires,
    scope, source, payer_account_id, report_account, billing_day, delivery, observed_at,
    platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index,
    usage_type, charge_type, usage_unit, value, currency, cost, usage_quantity, magnitude, lines, estimated_lines
FROM
(
    -- A row for each day, so that one without a line that accrued is rolled up, too. It comes first, so that the fingerprints
    -- are read before the tables below are opened.
    SELECT
        0::UInt8 AS kind, '' AS key, arrayJoin(due.1) AS day, 0::UInt64 AS scope, '' AS source,
        '' AS payer_account_id, '' AS report_account, toDate32(0) AS billing_day, '' AS delivery, toDateTime64(0, 3, 'UTC') AS observed_at,
        '' AS platform, '' AS account_id, '' AS region, '' AS service, '' AS resource_type, '' AS resource_name, '' AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
        '' AS usage_type, '' AS charge_type, '' AS usage_unit, '' AS value, '' AS currency,
        toDecimal256(0, 38) AS cost, toDecimal256(0, 38) AS usage_quantity, 0::Float64 AS magnitude, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines
    UNION ALL
    SELECT
        multiIf(GROUPING(payer_account_id) = 0, 0, GROUPING(arn) = 1, 1, 2)::UInt8 AS kind, if(kind = 2, arn, '') AS key, day, scope, source,
        payer_account_id, report_account, billing_day, delivery, max(seen) AS observed_at,
        platform, account_id, region, service, resource_type, if(kind = 2, max(name), '') AS resource_name, marqo_customer, marqo_cluster, marqo_index,
        usage_type, charge_type, usage_unit, '' AS value, currency,
        sum(amount) AS cost, sum(quantity) AS usage_quantity, sum(abs(toFloat64(amount))) AS magnitude, count() AS lines, countIf(estimated) AS estimated_lines
    FROM
    (
        SELECT
            * EXCEPT (observed_at, resource_name), observed_at AS seen, resource_name AS name, toDate32(ts) AS day, {{template "scope"}} AS scope,
            {{template "charge_type"}} AS charge_type, ifNull(cost_amount, toDecimal256(0, 38)) AS amount, ifNull(l.usage_quantity, toDecimal256(0, 38)) AS quantity
        FROM {{local "cost_lines"}} AS l FINAL
        WHERE event_type = 'cost.accrued' AND toDate32(ts) IN due.1
    )
    GROUP BY GROUPING SETS
    (
        (day, scope, source, payer_account_id, report_account, billing_day, delivery),
        (day, scope, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency),
        (day, scope, source, platform, arn, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, usage_type, charge_type, usage_unit, currency)
    )
    UNION ALL
    SELECT
        3, tag, day, scope, source, '', '', toDate32(0), '', toDateTime64(0, 3, 'UTC'),
        platform, account_id, '', service, '', '', marqo_customer, '', '', '', '', '', value, currency,
        sum(amount), toDecimal256(0, 38), sum(abs(toFloat64(amount))), count(), countIf(estimated)
    FROM
    (
        SELECT *, toDate32(ts) AS day, {{template "scope"}} AS scope, ifNull(cost_amount, toDecimal256(0, 38)) AS amount
        FROM {{local "cost_lines"}} FINAL
        WHERE event_type = 'cost.accrued' AND toDate32(ts) IN due.1
    )
    ARRAY JOIN mapKeys(tags)::Array(String) AS tag, mapValues(tags) AS value
    GROUP BY day, scope, source, platform, account_id, service, marqo_customer, currency, tag, value
)
COMMENT 'Internal: what cost_rollups_mv inserts into cost_rollups'
