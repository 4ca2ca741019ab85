-- bill_deliveries: every delivery of every bill, how much of it has arrived, and whether it is the one that
-- counts. A bill is what one payer owes one source for a billing period. A delivery is
--   whole      read to its end, and all its lines have arrived
--   partial    ended, and all its lines have arrived, but something was rejected or is missing
--   arriving   lines or the end are still to come
-- The latest whole delivery of a bill counts; without one, the latest partial one; without that, the latest
-- arriving one. A member of an organisation may have a report of its part of the payer's bill
-- (report_account): it counts if the payer's own report does not include the bill.

CREATE OR REPLACE VIEW polo.bill_deliveries{{on_cluster}}
(
    source String COMMENT 'Source of the lines: aws.cur',
    payer_account_id String COMMENT 'Account that pays the bill',
    report_account String COMMENT 'Account whose own report the delivery is of; empty for the payer\'s',
    billing_period Date32 COMMENT 'First day of the billing period',
    period_end Date32 COMMENT 'Exclusive end of the billing period',
    delivery String COMMENT 'Id of the delivery of the bill',
    state String COMMENT 'whole, partial, or arriving: lines or the end are still to come',
    reason String COMMENT 'Why it is partial; empty if it is not',
    expected Nullable(UInt64) COMMENT 'How many lines it has; NULL before its end is known',
    lines UInt64 COMMENT 'How many of its lines have arrived',
    observed_at DateTime64(3, 'UTC') COMMENT 'When it was read, UTC',
    counts Bool COMMENT 'Whether the bill counts from this delivery'
)
AS SELECT
    source, payer_account_id, report_account, billing_period, period_end, delivery,
    multiIf(rank = 3, 'whole', NOT ended OR lines < told, 'arriving', 'partial') AS state,
    reason, expected, lines, observed_at,
    (rank > 0
        AND (rank, observed_at, delivery) = max((rank, observed_at, delivery)) OVER (PARTITION BY source, payer_account_id, report_account, billing_period)
        AND (report_account = '' OR max(if(report_account = '', rank, 0)) OVER (PARTITION BY source, payer_account_id, billing_period) = 0))::Bool AS counts
FROM
(
    SELECT
        source, payer_account_id, report_account, billing_period, delivery, n AS lines, expected, told, reason, ended,
        {{template "rank"}} AS rank,
        if(ended, end_at, line_at) AS observed_at,
        ifNull(until, addMonths(billing_period, 1)) AS period_end
    FROM
    (
        SELECT
            source, payer_account_id, report_account, billing_period, delivery,
            sum(lines) AS n, max(ends) AS ended, max(completes) AS whole, max(events) AS expected, ifNull(expected, 0) AS told,
            max(why) AS reason, max(line_seen) AS line_at, max(end_seen) AS end_at, max(end_day) AS until
        FROM
        (
            SELECT
                source, payer_account_id, report_account, billing_day AS billing_period, delivery, lines,
                false AS ends, false AS completes, NULL::Nullable(UInt64) AS events, '' AS why,
                observed_at AS line_seen, toDateTime64(0, 3, 'UTC') AS end_seen, NULL::Nullable(Date32) AS end_day
            FROM polo.cost_scopes
            WHERE delivery != ''
            UNION ALL
            SELECT
                source, account_id, report_account, toDate32(ts), delivery, 0,
                true, event_type = 'scan.completed', events, state,
                toDateTime64(0, 3, 'UTC'), observed_at, toDate32(period_end)
            FROM polo.scans FINAL
            WHERE event_type IN ('scan.completed', 'scan.incomplete') AND delivery != ''
        )
        GROUP BY source, payer_account_id, report_account, billing_period, delivery
    )
)
COMMENT 'One row for each delivery of a bill: whole, partial or arriving, its lines, and whether the bill counts from it'
