-- title: Resources on a day
-- group: inventory
-- text: What was there at the end of a day (UTC), in the order of the ARNs: neither deleted by then nor missed by a scan that had completed by
-- text: then. A field is as last said on the days before.
-- param: day Date32 | default today-1d | min 2000-01-01 | max today+1d | The day
-- param: after String | max 2048 | Only ARNs behind this one
-- use: resource_filter
-- rows: 100 10000
-- cache: 60
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: state String | State, in the source's words
-- column: customer String | Whose it was
-- column: cluster String | Cluster it belonged to
-- column: last_seen DateTime64(3, 'UTC') | UTC | When something was last said of it by then
-- column: tags Map(String, String) | Its tags

SELECT
    arn, resource_type, resource_name, account_id, region, state, marqo_customer AS customer, marqo_cluster AS cluster, seen AS last_seen,
    CAST(r.tags, 'Map(String, String)') AS tags
FROM
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
    ) AS r
WHERE arn > {after:String} AND {{resource_filter}}
ORDER BY arn
LIMIT {limit:UInt32} + 1
