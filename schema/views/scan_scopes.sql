-- scan_scopes: how far the absence of a resource or cost is known. It has one row for each scope of resources
-- or costs that was ever scanned to its end, or that an event names. last_scan is NULL if no scan of it ever
-- completed; an old one is a gap in the coverage. For costs, last_scan is the time of the scan, and
-- covered_from to covered_until (exclusive) spans the billing days ever covered, with possible holes.

CREATE OR REPLACE VIEW polo.scan_scopes{{on_cluster}}
(
    kind String COMMENT 'resources or costs',
    source String COMMENT 'Source of the costs; empty for resources',
    account_id String COMMENT 'Account, with its leading zeros',
    region String COMMENT 'Region; empty for costs',
    resource_type String COMMENT 'Type of the resources; empty for costs',
    last_scan Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was last read to its end, UTC; NULL if never',
    last_event Nullable(DateTime64(3, 'UTC')) COMMENT 'Time of the last event in it, UTC; NULL if none',
    covered_from Nullable(Date32) COMMENT 'First billing day that was ever read to its end',
    covered_until Nullable(Date32) COMMENT 'Exclusive end of the billing days ever read to their end; days between may be missing'
)
AS SELECT
    kind, source, account_id, region, resource_type,
    if(countIf(scanned) = 0, NULL, maxIf(scan_at, scanned)) AS last_scan,
    if(countIf(NOT scanned) = 0, NULL, maxIf(scan_at, NOT scanned)) AS last_event,
    if(countIf(scanned) = 0, NULL, minIf(from_day, scanned)) AS covered_from,
    if(countIf(scanned) = 0, NULL, maxIf(until_day, scanned)) AS covered_until
FROM
(
    SELECT
        'resources' AS kind, '' AS source, account_id, region, resource_type,
        true AS scanned, scanned_at AS scan_at, toDate32(scanned_at) AS from_day, toDate32(scanned_at) + 1 AS until_day
    FROM polo.resource_scans
    UNION ALL
    SELECT
        'resources' AS kind, '' AS source, account_id, region, resource_type,
        false AS scanned, max(ts) AS scan_at, toDate32(scan_at) AS from_day, toDate32(scan_at) AS until_day
    FROM polo.resource_states FINAL
    GROUP BY account_id, region, resource_type
    UNION ALL
    SELECT
        'costs' AS kind, source, payer_account_id AS account_id, '' AS region, '' AS resource_type,
        true AS scanned, max(scanned_at) AS scan_at, min(billing_day) AS from_day, max(billing_day) + 1 AS until_day
    FROM polo.cost_scan_days
    GROUP BY source, payer_account_id
    UNION ALL
    SELECT
        'costs' AS kind, source, payer_account_id AS account_id, '' AS region, '' AS resource_type,
        false AS scanned, max(ts) AS scan_at, toDate32(scan_at) AS from_day, toDate32(scan_at) AS until_day
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
    GROUP BY source, payer_account_id
)
GROUP BY kind, source, account_id, region, resource_type
COMMENT 'One row for each scope of resources or costs: its last completed scan, NULL for none, and its last event: where absence can be believed';
