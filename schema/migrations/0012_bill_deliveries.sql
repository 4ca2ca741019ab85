-- A bill counts from one delivery, and a completion counts once all that it speaks
-- of has arrived: its events, as many as it says, may reach ClickHouse after it.

{{range parts "cost_lines"}}ALTER TABLE {{.}}{{on_cluster}}
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String),
    ADD COLUMN IF NOT EXISTS report_account LowCardinality(String);
{{end}}
ALTER TABLE polo.cost_hourly_mv{{on_cluster}} MODIFY QUERY
SELECT
    ts, event_id, version, event_type, source, period_end, observed_at,
    coalesce(toDate32OrNull(properties['billing_period']), toDate32(ts)) AS billing_day,
    if(properties['payer_account_id'] = '', account_id, properties['payer_account_id']) AS payer_account_id,
    arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index,
    properties['usage_type'] AS usage_type,
    properties['operation'] AS operation,
    properties['estimated'] = 'true' AS estimated,
    cost_amount, currency, usage_quantity, usage_unit, tags, properties,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'cost.');

{{range parts "scans"}}ALTER TABLE {{.}}{{on_cluster}}
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String),
    ADD COLUMN IF NOT EXISTS report_account LowCardinality(String),
    ADD COLUMN IF NOT EXISTS events Nullable(UInt64);
{{end}}
ALTER TABLE polo.scans_mv{{on_cluster}} MODIFY QUERY
SELECT
    ts, event_id, version, event_type, source, period_end, observed_at, account_id, region, resource_type, state, error_code,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account,
    toUInt64OrNull(properties['events']) AS events
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'scan.');

-- resource_completions: every completed scan of resources, and whether it counts.
-- It does once as many snapshots of its time have arrived as it says. Each scope's
-- 30 latest alone are counted: what an older one lacks is not on its way any more.

CREATE VIEW IF NOT EXISTS polo.resource_completions{{on_cluster}}
AS SELECT
    c.source AS source, c.account_id AS account_id, c.region AS region, c.resource_type AS resource_type,
    c.ts AS ts, c.observed_at AS observed_at, c.expected AS expected,
    sumIf(s.n, c.region = '*' OR s.region = c.region) AS arrived,
    (ifNull(arrived >= expected, true) OR c.nth > 30)::Bool AS whole
FROM
(
    SELECT
        source, account_id, region, resource_type, ts, event_id, observed_at, events AS expected,
        dense_rank() OVER (PARTITION BY account_id, region, resource_type ORDER BY ts DESC) AS nth
    FROM polo.scans FINAL
    WHERE event_type = 'scan.completed' AND resource_type != ''
) AS c
LEFT JOIN
(
    SELECT account_id, region, resource_type, ts, count() AS n
    FROM polo.resource_states FINAL
    WHERE event_type = 'resource.snapshot' AND ts GLOBAL IN
    (
        SELECT arrayJoin(arraySlice(arrayReverseSort(groupUniqArray(ts)), 1, 30))
        FROM polo.scans FINAL
        WHERE event_type = 'scan.completed' AND resource_type != ''
        GROUP BY account_id, region, resource_type
    )
    GROUP BY account_id, region, resource_type, ts
) AS s ON c.account_id = s.account_id AND c.resource_type = s.resource_type AND c.ts = s.ts
GROUP BY source, account_id, region, resource_type, ts, c.event_id, observed_at, expected, c.nth;

CREATE OR REPLACE VIEW polo.resource_scans{{on_cluster}}
AS SELECT account_id, region, resource_type, max(ts) AS scanned_at
FROM polo.resource_completions
WHERE whole
GROUP BY account_id, region, resource_type;

-- bill_deliveries: every delivery of every bill, how far it has arrived, and whether
-- the bill counts from it. A bill is what one payer owes one source for a billing
-- period. A delivery is
--   whole      it was read to its end, and all its lines have arrived
--   partial    it ended, all its lines have arrived, and something was rejected or is missing
--   arriving   lines of it are still to come, or its end was not told
-- Of a bill the latest whole delivery counts; where there is none, the latest partial
-- one; where there is none of these, either, the latest that arrives. A member of an
-- organisation may have a report of its part of the payer's bill (report_account):
-- it counts where the payer's own report does not tell the bill.

CREATE VIEW IF NOT EXISTS polo.bill_deliveries{{on_cluster}}
AS SELECT
    source, payer_account_id, report_account, billing_period, period_end, delivery,
    state, reason, expected, lines, observed_at,
    (rank > 0
        AND (rank, observed_at, delivery) = max((rank, observed_at, delivery)) OVER (PARTITION BY source, payer_account_id, report_account, billing_period)
        AND (report_account = '' OR max(if(report_account = '', rank, 0)) OVER (PARTITION BY source, payer_account_id, billing_period) = 0))::Bool AS counts
FROM
(
    SELECT
        source, payer_account_id, report_account, billing_period, delivery,
        sum(n) AS lines,
        maxIf(ending = 'scan.completed', ended) AS completed,
        maxIf(told, ended) AS expected,
        anyIf(why, ended AND why != '') AS reason,
        multiIf(NOT max(ended) OR lines < ifNull(expected, 0), 'arriving', completed, 'whole', 'partial') AS state,
        multiIf(state = 'whole', 3, lines = 0, 0, state = 'partial', 2, 1) AS rank,
        if(max(ended), maxIf(seen, ended), max(seen)) AS observed_at,
        coalesce(maxIf(until, ended), addMonths(billing_period, 1)) AS period_end
    FROM
    (
        SELECT
            source, payer_account_id, report_account, billing_day AS billing_period, delivery,
            false AS ended, '' AS ending, '' AS why, count() AS n, NULL::Nullable(UInt64) AS told,
            max(observed_at) AS seen, NULL::Nullable(Date32) AS until
        FROM polo.cost_lines FINAL
        WHERE event_type = 'cost.accrued' AND delivery != ''
        GROUP BY source, payer_account_id, report_account, billing_period, delivery
        UNION ALL
        SELECT
            source, account_id AS payer_account_id, report_account, toDate32(ts) AS billing_period, delivery,
            true AS ended, event_type AS ending, state AS why, 0 AS n, events AS told,
            observed_at AS seen, toDate32(period_end) AS until
        FROM polo.scans FINAL
        WHERE event_type IN ('scan.completed', 'scan.incomplete') AND delivery != ''
    )
    GROUP BY source, payer_account_id, report_account, billing_period, delivery
);

-- A completed scan of costs without deliveries counts once as many lines of its days
-- have arrived, stated by it or later, as it says.

CREATE OR REPLACE VIEW polo.cost_scan_days{{on_cluster}}
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
            SELECT source, payer_account_id, toInt32(billing_day) AS day, observed_at, count() AS n
            FROM polo.cost_lines FINAL
            WHERE event_type = 'cost.accrued' AND delivery = ''
            GROUP BY source, payer_account_id, day, observed_at
        ) AS l ON c.source = l.source AND c.payer_account_id = l.payer_account_id
        GROUP BY source, payer_account_id, c.event_id, observed, first, past, c.expected
        HAVING ifNull(sumIf(l.n, l.day >= first AND l.day < past AND l.observed_at >= observed) >= c.expected, true)
        UNION ALL
        SELECT source, payer_account_id, observed_at AS observed, toInt32(billing_period) AS first, toInt32(period_end) AS past
        FROM polo.bill_deliveries
        WHERE counts AND state = 'whole' AND report_account = ''
    )
)
GROUP BY source, payer_account_id, billing_day;

-- cost_hourly: each line with what it costs now. A line is gone and costs zero where
-- its bill counts from another delivery, or, of a source without deliveries, where a
-- later completed scan of its billing day no longer held it. partial tells that the
-- delivery which it counts from is not the whole bill.

CREATE OR REPLACE VIEW polo.cost_hourly{{on_cluster}}
AS SELECT
    l.event_id AS event_id, l.ts AS ts, l.period_end AS period_end, l.observed_at AS observed_at, l.source AS source,
    l.billing_day AS billing_day, l.payer_account_id AS payer_account_id, l.arn AS arn, l.platform AS platform,
    l.account_id AS account_id, l.account_role AS account_role, l.region AS region, l.service AS service,
    l.resource_type AS resource_type, l.resource_id AS resource_id, l.resource_name AS resource_name,
    l.marqo_customer AS marqo_customer, l.marqo_cluster AS marqo_cluster, l.marqo_index AS marqo_index,
    l.usage_type AS usage_type, l.operation AS operation, l.estimated AS estimated,
    -- A line without a delivery is of a time before deliveries were told, if its source tells them.
    if(l.delivery = '', ifNull(s.scanned_at > l.observed_at, false) OR ifNull(m.superseded_at > l.observed_at, false), NOT b.counts)::Bool AS gone,
    if(gone, toDecimal256(0, 38), l.stated_amount) AS cost_amount,
    l.currency AS currency,
    if(gone, toDecimal256(0, 38), l.stated_quantity) AS usage_quantity,
    l.usage_unit AS usage_unit, l.tags AS tags, l.properties AS properties,
    l.delivery AS delivery, (NOT gone AND l.delivery != '' AND b.state != 'whole')::Bool AS partial
FROM
(
    SELECT * EXCEPT (cost_amount, usage_quantity), cost_amount AS stated_amount, usage_quantity AS stated_quantity
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
) AS l
LEFT ANY JOIN
(
    SELECT source, payer_account_id, billing_day, scanned_at FROM polo.cost_scan_days
) AS s ON s.source = l.source AND s.payer_account_id = l.payer_account_id AND s.billing_day = l.billing_day
LEFT ANY JOIN
(
    SELECT source, payer_account_id, report_account, billing_period, delivery, state, counts FROM polo.bill_deliveries
) AS b ON b.source = l.source AND b.payer_account_id = l.payer_account_id AND b.report_account = l.report_account
    AND b.billing_period = l.billing_day AND b.delivery = l.delivery
LEFT ANY JOIN
(
    SELECT source, payer_account_id, toStartOfMonth(billing_period) AS billing_month, max(observed_at) AS superseded_at
    FROM polo.bill_deliveries
    WHERE counts
    GROUP BY source, payer_account_id, billing_month
) AS m ON m.source = l.source AND m.payer_account_id = l.payer_account_id AND m.billing_month = toStartOfMonth(l.billing_day);

-- cost_rollup_daily: cost by day. source is part of it because two sources may
-- bill the same spend, and currency because no two add up. Amounts that together
-- pass what a sum can hold (5.7e38) are an error: it would wrap to another number.

CREATE OR REPLACE VIEW polo.cost_rollup_daily{{on_cluster}}
AS SELECT
    toDate32(ts) AS day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38)))
        + throwIf(sum(abs(toFloat64(ifNull(cost_amount, toDecimal256(0, 38))))) >= 5e38, 'cost_rollup_daily: a sum exceeds what a Decimal256 holds') AS cost,
    countIf(NOT gone) AS lines,
    countIf(gone) AS gone_lines,
    countIf(estimated AND NOT gone) AS estimated_lines,
    countIf(partial) AS partial_lines
FROM polo.cost_hourly
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency;

-- coverage_gaps: what could not be read when it was last tried, and what was read and
-- has not all arrived (reason arriving). A scope, or a resource type of it, is a gap
-- from a scan.incomplete until a scan of it is completed that was made later. what is
-- empty where the whole scope was not read; any later completion in the scope ends
-- that, and any later one of costs a gap of a part of the costs. A bill is a gap as
-- long as its latest delivery is not whole.

CREATE OR REPLACE VIEW polo.coverage_gaps{{on_cluster}}
AS SELECT
    g.source AS source, g.account_id AS account_id, g.region AS region, g.what AS what,
    g.reason AS reason, g.error_code AS error_code, g.first_gap AS first_gap, g.last_gap AS last_gap,
    multiIf(g.what = '', w.completed, g.completed IS NOT NULL, g.completed, g.account_id = '', a.costs_completed, w.costs_completed) AS last_completed
FROM
(
    SELECT
        source, account_id, if(region = '*', '', region) AS region, resource_type AS what,
        argMaxIf(state, observed_at, event_type = 'scan.incomplete') AS reason,
        argMaxIf(error_code, observed_at, event_type = 'scan.incomplete') AS error_code,
        minIf(observed_at, event_type = 'scan.incomplete') AS first_gap,
        maxIf(observed_at, event_type = 'scan.incomplete') AS last_gap,
        maxOrNullIf(observed_at, event_type = 'scan.completed') AS completed
    FROM polo.scans FINAL
    WHERE delivery = ''
    GROUP BY source, account_id, region, what
    HAVING countIf(event_type = 'scan.incomplete') > 0
) AS g
LEFT ANY JOIN
(
    SELECT
        source, account_id, if(region = '*', '', region) AS region,
        maxOrNullIf(observed_at, event_type = 'scan.completed') AS completed,
        maxOrNullIf(observed_at, event_type = 'scan.completed' AND resource_type = '') AS costs_completed
    FROM polo.scans FINAL
    GROUP BY source, account_id, region
) AS w ON g.source = w.source AND g.account_id = w.account_id AND g.region = w.region
LEFT ANY JOIN
(
    SELECT source, maxOrNullIf(observed_at, event_type = 'scan.completed' AND resource_type = '') AS costs_completed
    FROM polo.scans FINAL
    GROUP BY source
) AS a ON g.source = a.source
WHERE ifNull(last_completed <= g.last_gap, true)
UNION ALL
SELECT
    source, account_id, if(region = '*', '', region) AS region, resource_type AS what, 'arriving' AS reason, '' AS error_code,
    minIf(observed_at, NOT whole AND ts > last_whole) AS first_gap,
    maxIf(observed_at, NOT whole AND ts > last_whole) AS last_gap,
    maxOrNullIf(observed_at, whole) AS last_completed
FROM
(
    SELECT *, maxIf(ts, whole) OVER (PARTITION BY source, account_id, region, resource_type) AS last_whole
    FROM polo.resource_completions
)
GROUP BY source, account_id, region, what
HAVING countIf(NOT whole AND ts > last_whole) > 0
UNION ALL
SELECT
    source, payer_account_id AS account_id, '' AS region,
    concat('bill ', toString(billing_period), if(report_account = '', '', concat(' in the report of ', report_account))) AS what,
    argMax(if(state = 'arriving', state, reason), (observed_at, delivery)) AS reason, '' AS error_code,
    minIf(observed_at, observed_at > last_whole) AS first_gap,
    max(observed_at) AS last_gap,
    maxOrNullIf(observed_at, state = 'whole') AS last_completed
FROM
(
    SELECT *, maxIf(observed_at, state = 'whole') OVER (PARTITION BY source, payer_account_id, report_account, billing_period) AS last_whole
    FROM polo.bill_deliveries
)
GROUP BY source, account_id, billing_period, report_account
HAVING argMax(state, (observed_at, delivery)) != 'whole';

ALTER TABLE polo.resource_completions{{on_cluster}} MODIFY COMMENT 'One row for each completed scan of resources: how many events it speaks of, how many of them have arrived, and whether it counts';

ALTER TABLE polo.resource_scans{{on_cluster}} MODIFY COMMENT 'One row for each account, region and resource type: when it was last scanned to its end, of the scans that have arrived';

ALTER TABLE polo.bill_deliveries{{on_cluster}} MODIFY COMMENT 'One row for each delivery of a bill: whole, partial or arriving, its lines, and whether the bill counts from it';

ALTER TABLE polo.cost_scan_days{{on_cluster}} MODIFY COMMENT 'One row for each source, paying account and billing day: when it was last read to its end, of the scans that have arrived';

ALTER TABLE polo.cost_hourly{{on_cluster}} MODIFY COMMENT 'One row for each line of a bill as last stated. A line is gone and costs zero where its bill counts from another delivery or a later completed scan of its day no longer held it; partial, where what it counts from is not the whole bill';

ALTER TABLE polo.cost_rollup_daily{{on_cluster}} MODIFY COMMENT 'Cost for each day (UTC) by source, account, region, service, resource type, owner and currency: lines that count, lines that are gone, lines that are estimates, lines of bills that are partial';

ALTER TABLE polo.coverage_gaps{{on_cluster}} MODIFY COMMENT 'One row for each part of a source that could not be read when it was last tried, or has not all arrived: account, region, what (resource type or bill; empty: all of it), why, since when';
