-- with: at

(
    SELECT
        s.arn AS arn, s.seen AS seen, s.platform AS platform, s.account_id AS account_id, s.region AS region, s.service AS service, s.resource_type AS resource_type,
        s.resource_name AS resource_name, s.marqo_customer AS marqo_customer, s.marqo_cluster AS marqo_cluster, s.state AS state, s.tags AS tags
    FROM
    (
        SELECT
            e.arn AS arn, max(e.ts) AS seen,
            toString(argMaxIf(e.platform, e.place, e.whole OR e.platform != '')) AS platform,
            toString(argMaxIf(e.account_id, e.place, e.whole OR e.account_id != '')) AS account_id,
            toString(argMaxIf(e.region, e.place, e.whole OR e.region != '')) AS region,
            toString(argMaxIf(e.service, e.place, e.whole OR e.service != '')) AS service,
            toString(argMaxIf(e.resource_type, e.place, e.whole OR e.resource_type != '')) AS resource_type,
            argMaxIf(e.resource_name, e.place, e.whole OR e.resource_name != '') AS resource_name,
            toString(argMaxIf(e.marqo_customer, e.place, e.whole OR e.marqo_customer != '')) AS marqo_customer,
            toString(argMaxIf(e.marqo_cluster, e.place, e.whole OR e.marqo_cluster != '')) AS marqo_cluster,
            toString(argMaxIf(e.state, e.place, e.whole OR e.state != '' OR e.event_type = 'resource.deleted')) AS state,
            -- All pairs, the latest first; the first pair of each key counts.
            arrayReverseSort(groupArray((e.place, mapKeys(e.tags), mapValues(e.tags)))) AS told, arrayFlatten(told.2) AS tag_keys,
            mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, arrayFlatten(told.3)), arrayEnumerateUniq(tag_keys)), 'Map(String, String)')) AS tags
        FROM
        (
            SELECT
                arn, ts, event_type, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, state, tags,
                event_type IN ('resource.snapshot', 'resource.created') AS whole,
                (ts, multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1), event_id) AS place
            FROM polo.resource_states FINAL
            WHERE ts < toDateTime64(addDays({at:Date32}, 1), 3, 'UTC') AND event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
                AND error_code = '' AND arn != ''
        ) AS e
        INNER JOIN
        (
            SELECT arn, maxIf(place, event_type IN ('resource.snapshot', 'resource.created')) AS last_whole
            FROM
            (
                SELECT arn, event_type, (ts, multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1), event_id) AS place
                FROM polo.resource_states FINAL
                WHERE ts < toDateTime64(addDays({at:Date32}, 1), 3, 'UTC') AND event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
                    AND error_code = '' AND arn != ''
            )
            GROUP BY arn
            HAVING argMax(event_type, place) != 'resource.deleted'
        ) AS life ON e.arn = life.arn
        WHERE e.place >= life.last_whole
        GROUP BY e.arn
    ) AS s
    LEFT ANY JOIN
    (
        SELECT account_id, resource_type, groupArray((toString(region), scanned)) AS scans
        FROM
        (
            SELECT account_id, region, resource_type, max(ts) AS scanned
            FROM polo.resource_completions
            WHERE whole AND ts < toDateTime64(addDays({at:Date32}, 1), 3, 'UTC')
            GROUP BY account_id, region, resource_type
        )
        GROUP BY account_id, resource_type
    ) AS scan ON s.account_id = scan.account_id AND s.resource_type = scan.resource_type
    WHERE NOT arrayExists(x -> (x.1 = s.region OR x.1 = '*') AND x.2 > s.seen, scan.scans)
)
