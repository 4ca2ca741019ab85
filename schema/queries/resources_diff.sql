-- title: Two days compared
-- group: inventory
-- text: What came, went or changed between the ends of two days (UTC): state, name, owner and tags.
-- param: day Date32 | default today-1d | min 2000-01-01 | max today+1d | The later day
-- param: before Date32 | default today-8d | min 2000-01-01 | max today+1d | The earlier day
-- param: change Array(String) | items 3 | in appeared, gone, changed | Only these changes; empty is all
-- period: before day 1200
-- use: resource_filter
-- rows: 200 10000
-- cache: 60
-- column: change String | appeared, gone or changed
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: changed Array(String) | Of what changed, which: state, name, customer, cluster, tags
-- column: state_before String | State on the earlier day
-- column: state_after String | State on the later day
-- column: customer String | Whose it is, on the later day where it was there

SELECT
    multiIf(was = 0, 'appeared', is = 0, 'gone', 'changed') AS change,
    arn, kind_of AS resource_type, name AS resource_name, account AS account_id, place AS region,
    if(change = 'changed', arrayFilter((name, differs) -> differs, ['state', 'name', 'customer', 'cluster', 'tags'],
        [old.1 != new.1, old.2 != new.2, old.3 != new.3, old.4 != new.4, old.5 != new.5]), []) AS changed,
    old.1 AS state_before, new.1 AS state_after, if(is = 1, new.3, old.3) AS customer
FROM
(
    SELECT
        arn, countIf(later) AS is, countIf(NOT later) AS was,
        max(resource_type) AS kind_of, argMax(resource_name, later) AS name, max(account_id) AS account, max(region) AS place,
        anyIf((state, resource_name, marqo_customer, marqo_cluster, toString(mapSort(tags))), NOT later) AS old,
        anyIf((state, resource_name, marqo_customer, marqo_cluster, toString(mapSort(tags))), later) AS new
    FROM
    (
        SELECT *, false AS later FROM
    (
        SELECT
            s.arn AS arn, s.seen AS seen, s.platform AS platform, s.account_id AS account_id, s.region AS region, s.service AS service, s.resource_type AS resource_type,
            s.resource_name AS resource_name, s.marqo_customer AS marqo_customer, s.marqo_cluster AS marqo_cluster, s.state AS state, s.tags AS tags
        FROM
        (
            SELECT
                arn, argMax(deleted, last_ts) AS was_deleted, max(last_ts) AS seen,
                toString(argMaxIf(platform, last_ts, platform != '')) AS platform,
                toString(argMaxIf(account_id, last_ts, account_id != '')) AS account_id,
                toString(argMaxIf(region, last_ts, region != '')) AS region,
                toString(argMaxIf(service, last_ts, service != '')) AS service,
                toString(argMaxIf(resource_type, last_ts, resource_type != '')) AS resource_type,
                argMaxIf(resource_name, last_ts, resource_name != '') AS resource_name,
                toString(argMaxIf(marqo_customer, last_ts, marqo_customer != '')) AS marqo_customer,
                toString(argMaxIf(marqo_cluster, last_ts, marqo_cluster != '')) AS marqo_cluster,
                toString(argMaxIf(state, last_ts, state != '')) AS state,
                argMaxIf(tags, last_ts, notEmpty(tags)) AS tags
            FROM polo.resource_snapshots AS d
            WHERE d.day <= {before:Date32}
            GROUP BY arn
        ) AS s
        LEFT ANY JOIN
        (
            SELECT account_id, resource_type, groupArray((toString(region), scanned)) AS scans
            FROM
            (
                SELECT account_id, region, resource_type, max(ts) AS scanned FROM polo.resource_completions
                WHERE whole AND ts < toDateTime64(addDays({before:Date32}, 1), 3, 'UTC') GROUP BY account_id, region, resource_type
            )
            GROUP BY account_id, resource_type
        ) AS scan ON s.account_id = scan.account_id AND s.resource_type = scan.resource_type
        WHERE NOT s.was_deleted AND NOT arrayExists(x -> (x.1 = s.region OR x.1 = '*') AND x.2 > s.seen, scan.scans)
    )
        UNION ALL
        SELECT *, true AS later FROM
    (
        SELECT
            s.arn AS arn, s.seen AS seen, s.platform AS platform, s.account_id AS account_id, s.region AS region, s.service AS service, s.resource_type AS resource_type,
            s.resource_name AS resource_name, s.marqo_customer AS marqo_customer, s.marqo_cluster AS marqo_cluster, s.state AS state, s.tags AS tags
        FROM
        (
            SELECT
                arn, argMax(deleted, last_ts) AS was_deleted, max(last_ts) AS seen,
                toString(argMaxIf(platform, last_ts, platform != '')) AS platform,
                toString(argMaxIf(account_id, last_ts, account_id != '')) AS account_id,
                toString(argMaxIf(region, last_ts, region != '')) AS region,
                toString(argMaxIf(service, last_ts, service != '')) AS service,
                toString(argMaxIf(resource_type, last_ts, resource_type != '')) AS resource_type,
                argMaxIf(resource_name, last_ts, resource_name != '') AS resource_name,
                toString(argMaxIf(marqo_customer, last_ts, marqo_customer != '')) AS marqo_customer,
                toString(argMaxIf(marqo_cluster, last_ts, marqo_cluster != '')) AS marqo_cluster,
                toString(argMaxIf(state, last_ts, state != '')) AS state,
                argMaxIf(tags, last_ts, notEmpty(tags)) AS tags
            FROM polo.resource_snapshots AS d
            WHERE d.day <= {day:Date32}
            GROUP BY arn
        ) AS s
        LEFT ANY JOIN
        (
            SELECT account_id, resource_type, groupArray((toString(region), scanned)) AS scans
            FROM
            (
                SELECT account_id, region, resource_type, max(ts) AS scanned FROM polo.resource_completions
                WHERE whole AND ts < toDateTime64(addDays({day:Date32}, 1), 3, 'UTC') GROUP BY account_id, region, resource_type
            )
            GROUP BY account_id, resource_type
        ) AS scan ON s.account_id = scan.account_id AND s.resource_type = scan.resource_type
        WHERE NOT s.was_deleted AND NOT arrayExists(x -> (x.1 = s.region OR x.1 = '*') AND x.2 > s.seen, scan.scans)
    )
    ) AS r
    WHERE {{resource_filter}}
    GROUP BY arn
)
WHERE (is = 0 OR was = 0 OR old != new) [[AND has({change:Array(String)}, change)]]
ORDER BY change, resource_type, arn
LIMIT {limit:UInt32} + 1
