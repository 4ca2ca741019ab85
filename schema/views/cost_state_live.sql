-- cost_state_live: what decides what costs are, in one row: the generations of cost_rollups that count, the days that
-- none has seen all of, the scopes whose lines count, and those of them that are of a partial bill. It says of
-- lines what cost_hourly says of each, and reads none of the days that are rolled up. What holds for a
-- while is kept: cost_state and cost_daily ask this only if they must.
--
-- Lines of a delivery count if their bill counts from it. Other lines count unless a later scan of their day
-- did not hold them, or a later bill of the month counts. They are not added up on the billing days that their payer's bill
-- has lines of, because that bills the same money: Cost Explorer beside the bill.
--
-- It is one chain and not a query over bill_deliveries and cost_scan_days, because ClickHouse takes longer to
-- plan it than to run it. Its tuples are
--   tops, bills   rank (3 whole, 2 partial, 1 arriving), time, scope, first day, end, report, spans of touched days
--   found         scope, day, time observed, lines, span: of lines without a delivery
--   seen, later   first day, end, time, lines expected: of scans

CREATE OR REPLACE VIEW polo.cost_state_live{{on_cluster}}
(
    generations Array(UInt64) COMMENT 'Generations of cost_rollups that count',
    touched Array(Date32) COMMENT 'Days that none of them has seen all of',
    counting Array(UInt64) COMMENT 'Scopes whose lines count',
    adding Array(UInt64) COMMENT 'Those of them that no bill of the payer doubles',
    partial Array(UInt64) COMMENT 'Scopes of those that are of a bill that is not whole',
    made UInt64 COMMENT '0: it is not kept'
)
AS WITH ({{template "days"}}) AS days
SELECT
    days.1 AS generations, days.2 AS touched, counting,
    arrayConcat(delivered, arrayMap(l -> l.1, arrayFilter(l -> NOT has(billed, l.5), undelivered))) AS adding, {{- /* mutant:sources-add-up */}}
    partial, 0::UInt64 AS made
FROM
(
    SELECT
        groupArrayArray(arrayMap(b -> b.3, bills)) AS delivered,
        groupArrayArray(arrayFilter(l -> NOT arrayExists(s -> s.1 <= l.2 AND s.2 > l.2 AND s.3 > l.3, later), found)) AS undelivered, {{- /* mutant:vanished-lines-count */}}
        arrayConcat(delivered, arrayMap(l -> l.1, undelivered)) AS counting,
        groupArrayArray(arrayFilter(b -> b.6 = '', bills)) AS own,
        arrayDistinct(arrayConcat(arrayFlatten(arrayMap(b -> b.7, own)), arrayMap(s -> s.2, arrayFilter(s -> has(own.3, s.1), days.4)))) AS billed,
        groupArrayArray(arrayMap(b -> b.3, arrayFilter(b -> b.1 < 3, bills))) AS partial
    FROM
    (
        SELECT
            bills, found,
            -- A scan counts once as many lines as it reports, observed by it or later, have arrived for its days.
            -- A whole bill is a scan of its days, and any bill that counts one of its month.
            arrayConcat(
                arrayFilter(s -> ifNull(arraySum(l -> if(l.2 >= s.1 AND l.2 < s.2 AND l.3 >= s.3, l.4, 0), found) >= s.4, true), seen),
                arrayMap(b -> (toInt32(b.4), least(toInt32(b.5), toInt32(b.4) + 4000), b.2, NULL), arrayFilter(b -> b.1 = 3 AND b.6 = '', bills)),
                arrayMap(b -> (toInt32(toStartOfMonth(b.4)), toInt32(addMonths(toStartOfMonth(b.4), 1)), b.2, NULL), bills)) AS later
        FROM
        (
            -- A member's report counts only where there is no payer's.
            SELECT
                source, payer_account_id, groupArrayArray(arrayFilter(b -> b.6 = '' OR NOT has(tops.6, ''), tops)) AS bills,
                groupArrayArray(undelivered) AS found, groupArrayArray(scanned) AS seen
            FROM
            (
                SELECT
                    source, payer_account_id, groupArrayIf((top.1, top.2, top.4, billing_day, top.5, report_account, top.6), top.1 > 0) AS tops,
                    groupArrayArray(found) AS undelivered, groupArrayArray(seen) AS scanned
                FROM
                (
                    SELECT
                        source, payer_account_id, report_account, billing_day,
                        maxIf((
                            {{template "rank"}},
                            if(ended, end_at, line_at), delivery, id, ifNull(until, addMonths(billing_day, 1)), spans), delivery != '') AS top,
                        groupArrayIf((id, toInt32(billing_day), line_at, n, sipHash64(payer_account_id, toInt32(billing_day))), delivery = '' AND NOT ended) AS found,
                        groupArrayIf((toInt32(billing_day) + late, least(toInt32(until), toInt32(billing_day) + late + 4000), end_at, expected), delivery = '' AND ended) AS seen
                    FROM
                    (
                        SELECT
                            source, payer_account_id, report_account, billing_day, delivery,
                            max(scope) AS id, sum(lines) AS n, max(ends) AS ended, max(completes) AS whole, max(events) AS expected, ifNull(expected, 0) AS told,
                            max(line_seen) AS line_at, max(end_seen) AS end_at, max(end_day) AS until, max(after_midnight) AS late, groupUniqArrayIf(span, span != 0) AS spans
                        FROM
                        (
                            SELECT
                                s.2 AS source, s.3 AS payer_account_id, s.4 AS report_account, s.5 AS billing_day, s.6 AS delivery, s.1 AS scope, s.8 AS lines,
                                false AS ends, false AS completes, NULL::Nullable(UInt64) AS events, s.7 AS line_seen, toDateTime64(0, 3, 'UTC') AS end_seen,
                                NULL::Nullable(Date32) AS end_day, 0 AS after_midnight, if(s.6 = '', s.1, 0) AS item, 0::UInt64 AS span
                            FROM (SELECT arrayJoin(days.3) AS s)
                            UNION ALL
                            SELECT
                                source, payer_account_id, report_account, billing_day, delivery, {{template "scope"}} AS number, 1,
                                false, false, NULL, observed_at, toDateTime64(0, 3, 'UTC'), NULL, 0, if(delivery = '', number, 0), if(report_account = '' AND delivery != '', {{template "span"}}, 0)
                            FROM polo.cost_lines FINAL
                            WHERE toDate32(ts) IN days.2 AND event_type = 'cost.accrued'
                            UNION ALL
                            SELECT
                                source, account_id, report_account, toDate32(ts), delivery, 0, 0,
                                true, event_type = 'scan.completed', events, toDateTime64(0, 3, 'UTC'), observed_at,
                                toDate32(period_end), ts > toDateTime64(toDate32(ts), 3, 'UTC'), if(delivery = '', sipHash64(ts, event_id), 0), 0
                            FROM polo.scans FINAL
                            WHERE event_type IN ('scan.completed', 'scan.incomplete')
                                AND (delivery != '' OR event_type = 'scan.completed' AND resource_type = '' AND period_end IS NOT NULL)
                        )
                        GROUP BY source, payer_account_id, report_account, billing_day, delivery, item
                    )
                    GROUP BY source, payer_account_id, report_account, billing_day {{- /* mutant:deliveries-add-up */}}
                )
                GROUP BY source, payer_account_id, billing_day
            )
            GROUP BY source, payer_account_id
        )
    )
)
COMMENT 'Internal: cost_state, from the lines and scans of now'
