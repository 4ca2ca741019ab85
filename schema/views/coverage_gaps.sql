-- coverage_gaps: what the latest attempt could not read, and what was read but has not all arrived (reason
-- arriving). A scope, or a resource type in it, is a gap from a scan.incomplete until a later scan of it
-- completes. what is empty if the whole scope was not read; any later completion in the scope ends that gap.
-- Any later completion of costs ends a gap in a part of the costs. A bill is a gap until its latest delivery
-- is whole.

CREATE OR REPLACE VIEW polo.coverage_gaps{{on_cluster}}
(
    source String COMMENT 'Where it comes from: aws.cloudtrail',
    account_id String COMMENT 'Account, with its leading zeros',
    region String COMMENT 'Region; empty for all or none',
    what String COMMENT 'Resource type or bill; empty for the whole scope',
    reason String COMMENT 'denied, throttled, unreachable, disabled, deadline, budget, invalid, partial, failed, or arriving',
    error_code String COMMENT 'The source\'s own error code',
    first_gap DateTime64(3, 'UTC') COMMENT 'When it could first not be read, UTC',
    last_gap DateTime64(3, 'UTC') COMMENT 'When it was last tried, UTC',
    last_completed Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was last read to its end, UTC; NULL if never'
)
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
HAVING argMax(state, (observed_at, delivery)) != 'whole'
COMMENT 'One row for each part of a source that could not be read when it was last tried, or has not all arrived: account, region, what (resource type or bill; empty: all of it), why, since when';
