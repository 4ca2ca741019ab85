-- cost_scan_days: when each billing day was last read to its end. A day counts if the scan covers all of it.
-- Only the first 4000 days of a scan count. A completed scan of costs without deliveries counts once as many
-- lines as it reports, observed by it or later, have arrived for its days.

CREATE OR REPLACE VIEW polo.cost_scan_days{{on_cluster}}
(
    source String COMMENT 'Source of the costs',
    payer_account_id String COMMENT 'Account that pays the bill',
    billing_day Date32 COMMENT 'Day that the cost is billed for, UTC',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the costs of the day were last read to their end, UTC'
)
AS SELECT source, payer_account_id, toDate32(day) AS billing_day, max(observed) AS scanned_at
FROM
(
    SELECT source, payer_account_id, observed, arrayJoin(range(first, greatest(first, least(past, first + 4000)))) AS day
    FROM
    (
        SELECT c.source AS source, c.payer_account_id AS payer_account_id, c.observed AS observed, c.first AS first, c.past AS past
        FROM
        (
            SELECT
                source, account_id AS payer_account_id, event_id, observed_at AS observed, events AS expected,
                toInt32(toDate32(ts)) + (ts > toDateTime64(toDate32(ts), 3, 'UTC')) AS first,
                toInt32(toDate32(assumeNotNull(period_end))) AS past
            FROM polo.scans FINAL
            WHERE event_type = 'scan.completed' AND resource_type = '' AND period_end IS NOT NULL AND delivery = ''
        ) AS c
        LEFT JOIN
        (
            SELECT source, payer_account_id, toInt32(billing_day) AS day, observed_at, lines AS n
            FROM polo.cost_scopes
            WHERE delivery = ''
        ) AS l ON c.source = l.source AND c.payer_account_id = l.payer_account_id
        GROUP BY source, payer_account_id, c.event_id, observed, first, past, c.expected
        HAVING ifNull(sumIf(l.n, l.day >= first AND l.day < past AND l.observed_at >= observed) >= c.expected, true)
        UNION ALL
        SELECT source, payer_account_id, observed_at AS observed, toInt32(billing_period) AS first, toInt32(period_end) AS past
        FROM polo.bill_deliveries
        WHERE counts AND state = 'whole' AND report_account = ''
    )
)
GROUP BY source, payer_account_id, billing_day
COMMENT 'One row for each source, paying account and billing day: when it was last read to its end, of the scans that have arrived';
