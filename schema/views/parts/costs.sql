{{/* What several views share. */}}

{{/* scope is the number of what decides, for all its lines alike, whether they count: the delivery of a bill,
or for a line without one the time at which it was observed. */}}
{{define "scope"}}sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))){{end}}

{{/* days are the generations of cost_rollups that count, and the days that none has seen all of. A day is
rolled up if it is in every shard. */}}
{{define "days"}}{{if cluster}}SELECT (groupArrayArrayIf(generations, rolled), groupArrayIf(day, NOT rolled))
        FROM (SELECT day, groupArray(generation) AS generations, min(generation) > 0 AS rolled FROM polo.cost_days_everywhere GROUP BY day){{else}}SELECT (groupArrayIf(generation, generation > 0), groupArrayIf(day, generation = 0)) FROM polo.cost_days{{end}}{{end}}

{{/* scopes are the scopes of lines, and how many lines each has, given days. */}}
{{define "scopes"}}SELECT
        scope, any(source) AS source, any(payer_account_id) AS payer_account_id, any(report_account) AS report_account,
        any(billing_day) AS billing_day, any(delivery) AS delivery, max(observed_at) AS observed_at, sum(lines) AS lines
    FROM
    (
        SELECT scope, source, payer_account_id, report_account, billing_day, delivery, observed_at, lines
        FROM polo.cost_rollups
        WHERE kind = 0 AND generation IN days.1 AND lines > 0
        SETTINGS final = 0
        UNION ALL
        SELECT {{template "scope"}} AS scope, source, payer_account_id, report_account, billing_day, delivery, observed_at, 1 AS lines
        FROM polo.cost_lines FINAL
        WHERE toDate32(ts) IN days.2 AND event_type = 'cost.accrued'
    )
    GROUP BY scope{{end}}

{{/* deliveries are the deliveries of bills, as bill_deliveries describes them, given scopes. rank orders those of
one bill: whole, partial, arriving, and 0 for one without lines, which never counts. */}}
{{define "deliveries"}}SELECT
        source, payer_account_id, report_account, billing_period, delivery, id, received, expected, reason,
        multiIf(ended AND whole AND received >= told, 3, received = 0, 0, ended AND received >= told, 2, 1) AS rank, {{- /* mutant:deliveries-count-early,newest-delivery-counts */}}
        if(ended, end_seen, line_seen) AS observed_at,
        ifNull(until, addMonths(billing_period, 1)) AS period_end,
        ended
    FROM
    (
        SELECT
            source, payer_account_id, report_account, billing_period, delivery,
            max(scope) AS id, sum(lines) AS received, max(ends) AS ended, max(completes) AS whole,
            max(events) AS expected, ifNull(expected, 0) AS told, max(why) AS reason,
            max(line_at) AS line_seen, max(end_at) AS end_seen, max(end_day) AS until
        FROM
        (
            SELECT
                s.2 AS source, s.3 AS payer_account_id, s.4 AS report_account, s.5 AS billing_period, s.6 AS delivery,
                s.1 AS scope, s.8 AS lines, false AS ends, false AS completes, NULL::Nullable(UInt64) AS events, '' AS why,
                s.7 AS line_at, toDateTime64(0, 3, 'UTC') AS end_at, NULL::Nullable(Date32) AS end_day
            FROM (SELECT arrayJoin(scopes) AS s)
            WHERE s.6 != ''
            UNION ALL
            SELECT
                source, account_id, report_account, toDate32(ts), delivery,
                0, 0, true, event_type = 'scan.completed', events, state,
                toDateTime64(0, 3, 'UTC'), observed_at, toDate32(period_end)
            FROM polo.scans FINAL
            WHERE event_type IN ('scan.completed', 'scan.incomplete') AND delivery != ''
        )
        GROUP BY source, payer_account_id, report_account, billing_period, delivery
    ){{end}}
