-- What costs and resources are, computed from all rows at each question: what is stored has to give the same.

CREATE OR REPLACE VIEW polo.live_bill_deliveries
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

CREATE OR REPLACE VIEW polo.live_cost_scan_days
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
        FROM polo.live_bill_deliveries
        WHERE counts AND state = 'whole' AND report_account = ''
    )
)
GROUP BY source, payer_account_id, billing_day;

CREATE OR REPLACE VIEW polo.live_cost_hourly
AS SELECT
    l.event_id AS event_id, l.ts AS ts, l.period_end AS period_end, l.observed_at AS observed_at, l.source AS source,
    l.billing_day AS billing_day, l.payer_account_id AS payer_account_id, l.arn AS arn, l.platform AS platform,
    l.account_id AS account_id, l.account_role AS account_role, l.region AS region, l.service AS service,
    l.resource_type AS resource_type, l.resource_id AS resource_id, l.resource_name AS resource_name,
    l.marqo_customer AS marqo_customer, l.marqo_cluster AS marqo_cluster, l.marqo_index AS marqo_index,
    l.usage_type AS usage_type, l.operation AS operation, l.estimated AS estimated,
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
    SELECT source, payer_account_id, billing_day, scanned_at FROM polo.live_cost_scan_days
) AS s ON s.source = l.source AND s.payer_account_id = l.payer_account_id AND s.billing_day = l.billing_day
LEFT ANY JOIN
(
    SELECT source, payer_account_id, report_account, billing_period, delivery, state, counts FROM polo.live_bill_deliveries
) AS b ON b.source = l.source AND b.payer_account_id = l.payer_account_id AND b.report_account = l.report_account
    AND b.billing_period = l.billing_day AND b.delivery = l.delivery
LEFT ANY JOIN
(
    SELECT source, payer_account_id, toStartOfMonth(billing_period) AS billing_month, max(observed_at) AS superseded_at
    FROM polo.live_bill_deliveries
    WHERE counts
    GROUP BY source, payer_account_id, billing_month
) AS m ON m.source = l.source AND m.payer_account_id = l.payer_account_id AND m.billing_month = toStartOfMonth(l.billing_day);

CREATE OR REPLACE VIEW polo.live_cost_rollup_daily
AS SELECT
    toDate32(ts) AS day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38)))
        + throwIf(sum(abs(toFloat64(ifNull(cost_amount, toDecimal256(0, 38))))) >= 5e38, 'cost_rollup_daily: a sum exceeds what a Decimal256 holds') AS cost,
    countIf(NOT gone) AS lines,
    countIf(gone) AS gone_lines,
    countIf(estimated AND NOT gone) AS estimated_lines,
    countIf(partial) AS partial_lines
FROM polo.live_cost_hourly
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency;

CREATE OR REPLACE VIEW polo.live_cost_added
AS SELECT *
FROM polo.live_cost_hourly
WHERE NOT gone AND NOT (delivery = '' AND (payer_account_id, billing_day) IN
(
    SELECT payer_account_id, toDate32(ts)
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued' AND report_account = '' AND (source, payer_account_id, billing_day, delivery) IN
    (
        SELECT source, payer_account_id, billing_period, delivery
        FROM polo.live_bill_deliveries
        WHERE counts AND report_account = ''
    )
));

CREATE OR REPLACE VIEW polo.live_resource_scans
AS SELECT account_id, region, resource_type, max(ts) AS scanned_at
FROM polo.resource_completions
WHERE whole
GROUP BY account_id, region, resource_type;

CREATE OR REPLACE VIEW polo.live_resources_current
AS SELECT
    r.arn AS arn,
    r.event_id AS event_id, r.event_type AS event_type, r.source AS source, r.observed_at AS observed_at,
    r.platform AS platform, r.account_id AS account_id, r.account_role AS account_role, r.region AS region,
    r.service AS service, r.resource_type AS resource_type, r.resource_id AS resource_id,
    r.resource_name AS resource_name, r.marqo_customer AS marqo_customer, r.marqo_cluster AS marqo_cluster,
    r.marqo_index AS marqo_index, r.actor AS actor, r.state AS state, r.ancestors AS ancestors,
    r.relations AS relations, r.tags AS tags, r.properties AS properties,
    r.first_ts AS first_ts, r.last_ts AS last_ts
FROM
(
    SELECT
        s.arn AS arn,
        argMax(s.event_id, s.place) AS event_id,
        argMax(s.event_type, s.place) AS event_type,
        argMax(s.source, s.place) AS source,
        argMax(s.observed_at, s.place) AS observed_at,
        argMaxIf(s.platform, s.place, s.whole OR s.platform != '') AS platform,
        argMaxIf(s.account_id, s.place, s.whole OR s.account_id != '') AS account_id,
        argMaxIf(s.account_role, s.place, s.whole OR s.account_role != '') AS account_role,
        argMaxIf(s.region, s.place, s.whole OR s.region != '') AS region,
        argMaxIf(s.service, s.place, s.whole OR s.service != '') AS service,
        argMaxIf(s.resource_type, s.place, s.whole OR s.resource_type != '') AS resource_type,
        argMaxIf(s.resource_id, s.place, s.whole OR s.resource_id != '') AS resource_id,
        argMaxIf(s.resource_name, s.place, s.whole OR s.resource_name != '') AS resource_name,
        argMaxIf(s.marqo_customer, s.place, s.whole OR s.marqo_customer != '') AS marqo_customer,
        argMaxIf(s.marqo_cluster, s.place, s.whole OR s.marqo_cluster != '') AS marqo_cluster,
        argMaxIf(s.marqo_index, s.place, s.whole OR s.marqo_index != '') AS marqo_index,
        argMax(s.actor, s.place) AS actor,
        argMaxIf(s.state, s.place, s.whole OR s.state != '' OR s.event_type = 'resource.deleted') AS state,
        argMaxIf(s.ancestors, s.place, s.whole OR notEmpty(s.ancestors)) AS ancestors,
        argMaxIf(arrayZip(s.relations.type, s.relations.target_arn), s.place, s.whole OR notEmpty(s.relations.type)) AS relations,
        -- All pairs, the latest first; the first pair of each key counts.
        arrayFlatten(arrayReverseSort((k, place) -> place, groupArray(mapKeys(s.tags)), groupArray(s.place))) AS tag_keys,
        arrayFlatten(arrayReverseSort((v, place) -> place, groupArray(mapValues(s.tags)), groupArray(s.place))) AS tag_values,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, tag_values), arrayEnumerateUniq(tag_keys)), 'Map(LowCardinality(String), String)')) AS tags,
        arrayFlatten(arrayReverseSort((k, place) -> place, groupArray(mapKeys(s.properties)), groupArray(s.place))) AS property_keys,
        arrayFlatten(arrayReverseSort((v, place) -> place, groupArray(mapValues(s.properties)), groupArray(s.place))) AS property_values,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(property_keys, property_values), arrayEnumerateUniq(property_keys)), 'Map(LowCardinality(String), String)')) AS properties,
        any(life.first_ts) AS first_ts,
        max(s.ts) AS last_ts
    FROM
    (
        SELECT
            *, event_type IN ('resource.snapshot', 'resource.created') AS whole,
            bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place
        FROM polo.resource_states FINAL
        WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
            AND error_code = '' AND arn != ''
    ) AS s
    INNER JOIN
    (
        SELECT arn, min(ts) AS first_ts, maxIf(place, event_type IN ('resource.snapshot', 'resource.created')) AS last_whole
        FROM
        (
            SELECT
                arn, ts, event_type,
                bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place
            FROM polo.resource_states FINAL
            WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
                AND error_code = '' AND arn != ''
        )
        GROUP BY arn
        HAVING argMax(event_type, place) != 'resource.deleted'
    ) AS life ON s.arn = life.arn
    WHERE s.place >= life.last_whole
    GROUP BY arn
) AS r
LEFT ANY JOIN
(
    SELECT account_id, resource_type, groupArray((toString(region), scanned_at)) AS scans FROM polo.live_resource_scans GROUP BY account_id, resource_type
) AS scan ON r.account_id = scan.account_id AND r.resource_type = scan.resource_type
WHERE NOT arrayExists(s -> (s.1 = r.region OR s.1 = '*') AND s.2 > r.last_ts, scan.scans);
