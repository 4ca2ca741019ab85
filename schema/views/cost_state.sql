-- cost_state: what decides what costs are, in one row: the generations of cost_rollups that count, the days that
-- none has seen all of, the scopes whose lines count, and those of them that are of a partial bill. It says of
-- lines what cost_hourly says of each, and reads none of the days that are rolled up. A question about costs
-- asks it once, so that no day is both rolled up and not.
--
-- Lines of a delivery count if their bill counts from it. Other lines count unless a later scan of their day
-- did not hold them, or a bill of the month counts that is later.
--
-- It is one query and not one over bill_deliveries and cost_scan_days, because for so few rows ClickHouse takes
-- most of its time to plan.

CREATE OR REPLACE VIEW polo.cost_state{{on_cluster}}
AS WITH
    ({{template "days"}}) AS days,
    (SELECT groupArray((scope, source, payer_account_id, report_account, billing_day, delivery, observed_at, lines)) FROM ({{template "scopes"}})) AS scopes,
    (
        -- The delivery that each bill counts from; a member's report only where there is no payer's.
        SELECT groupArrayArray(arrayFilter(b -> b.3 = '' OR NOT has(best.3, ''), best))
        FROM
        (
            SELECT groupArray((source, payer_account_id, report_account, billing_period, top.1, top.2, top.4, top.5)) AS best
            FROM
            (
                SELECT source, payer_account_id, report_account, billing_period, max((rank, observed_at, delivery, id, period_end)) AS top
                FROM ({{template "deliveries"}})
                WHERE rank > 0
                GROUP BY source, payer_account_id, report_account, billing_period {{- /* mutant:deliveries-add-up */}}
            )
            GROUP BY source, payer_account_id, billing_period
        )
    ) AS bills
SELECT
    days.1 AS generations, days.2 AS touched,
    arrayConcat(arrayMap(b -> b.7, bills), undelivered) AS counting,
    arrayMap(b -> b.7, arrayFilter(b -> b.5 < 3, bills)) AS partial
FROM
(
    SELECT groupArrayArray(arrayMap(l -> l.1, arrayFilter(l -> NOT arrayExists(s -> s.1 <= l.2 AND s.2 > l.2 AND s.3 > l.3, later), found))) AS undelivered {{- /* mutant:vanished-lines-count */}}
    FROM
    (
        -- A scan counts once as many lines as it reports, observed by it or later, have arrived for its days.
        SELECT found, arrayFilter(s -> ifNull(arraySum(l -> if(l.2 >= s.1 AND l.2 < s.2 AND l.3 >= s.3, l.4, 0), found) >= s.4, true), seen) AS later
        FROM
        (
            SELECT groupArrayIf((scope, first, at, lines), line) AS found, groupArrayIf((first, past, at, expected), NOT line) AS seen
            FROM
            (
                SELECT
                    s.2 AS source, s.3 AS payer_account_id, true AS line, s.1 AS scope, s.8 AS lines,
                    toInt32(s.5) AS first, 0::Int32 AS past, s.7 AS at, NULL::Nullable(UInt64) AS expected
                FROM (SELECT arrayJoin(scopes) AS s)
                WHERE s.6 = ''
                UNION ALL
                SELECT
                    source, account_id, false, 0, 0,
                    toInt32(toDate32(ts)) + (ts > toDateTime64(toDate32(ts), 3, 'UTC')) AS from_day,
                    least(toInt32(toDate32(assumeNotNull(period_end))), from_day + 4000), observed_at, events
                FROM polo.scans FINAL
                WHERE event_type = 'scan.completed' AND resource_type = '' AND period_end IS NOT NULL AND delivery = ''
                UNION ALL
                -- A whole bill is a scan of its days, any bill that counts one of its month.
                SELECT b.1, b.2, false, 0, 0, toInt32(b.4), least(toInt32(b.8), toInt32(b.4) + 4000), b.6, NULL
                FROM (SELECT arrayJoin(bills) AS b)
                WHERE b.5 = 3 AND b.3 = ''
                UNION ALL
                SELECT b.1, b.2, false, 0, 0, toInt32(toStartOfMonth(b.4)), toInt32(addMonths(toStartOfMonth(b.4), 1)), b.6, NULL
                FROM (SELECT arrayJoin(bills) AS b)
            )
            GROUP BY source, payer_account_id
        )
    )
)
COMMENT 'Internal: which rows of cost_rollups and cost_lines make up the costs of now'
