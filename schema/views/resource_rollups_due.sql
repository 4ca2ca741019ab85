-- resource_rollups_due: the rows that resource_rollups_mv inserts into resource_rollups: none if nothing came or went since its last
-- run. A run takes the oldest of the minutes that are not folded, with 200,000 rows or a little more, and of resources that are folded anew all rows.
--
-- The first branch reads no table: it asks for fingerprints before the tables below are opened, so that what
-- comes later makes its minute another again. The row of a resource carries the marks of the rows that are folded
-- into it, so that state and marks are of one reading.

CREATE OR REPLACE VIEW polo.resource_rollups_due{{on_cluster}}
AS WITH
    {{template "resources_now"}} AS now,
    now.4 AS before,
    (SELECT (any(stamp), any(prints), any(generation), any(scan_stamp)) FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1) AS last,
    (
        SELECT (groupArrayIf(minute, taken), groupArrayIf((1::UInt8, day, minute, '', 0::UInt64, print), taken), countIf(NOT taken))
        FROM
        (
            SELECT day, minute, print, sum(stored_rows) OVER (ORDER BY day, minute ROWS UNBOUNDED PRECEDING) - stored_rows < 200000 AS taken
            FROM ({{template "minutes_of_days" "now.2"}})
        )
    ) AS due,
    (
        {{template "changed_resources" "due.1"}}
    ) AS plan
SELECT
    item.1 AS kind, item.2 AS day, item.3 AS minute, item.4 AS key, item.5 AS mark,
    greatest(toUInt64(toUnixTimestamp64Milli(now64(3))), last.3 + 1) AS generation, item.6 AS print, place,
    {{template "state_columns"}},
    if(item.1 = 0 AND due.3 = 0, before.1, 0) AS stamp,
    multiIf(item.1 != 0, [], due.3 = 0, before.3, arrayFilter(p -> has(last.2, p), before.3)) AS prints,
    if(item.1 = 0, (SELECT groupArray((toString(account_id), toString(region), toString(resource_type), scanned_at)) FROM polo.resource_scans_live), []) AS scans,
    if(item.1 = 0, before.2, 0) AS scan_stamp
FROM
(
    SELECT
        arrayConcat([(0::UInt8, toDate32(0), 0::Int64, '', 0::UInt64, 0::UInt64)], due.2, arrayMap(g -> (3::UInt8, g.1, g.2, g.3, g.4, 1::UInt64), plan.6)) AS items, toUInt256(0) AS place,
        {{template "state_of_nothing"}}
    WHERE before.1 != last.1 OR before.2 != last.4 OR notEmpty(due.2) OR length(before.3) + length(plan.1) > 1000000000
    UNION ALL
    SELECT
        arrayConcat([(2::UInt8, toDate32(0), 0::Int64, key, 0::UInt64, 0::UInt64)], arrayMap(f -> (3::UInt8, f.1, f.2, key, f.3, 0::UInt64), folded)), place,
        {{template "state_columns"}}
    FROM
    (
        {{template "folded_resources"}}
    )
) AS r
-- The state is in the first of the rows alone.
ARRAY JOIN
    items AS item, arrayResize([r.place], length(items)) AS place,
    arrayResize([r.event_id], length(items)) AS event_id, arrayResize([r.event_type], length(items)) AS event_type, arrayResize([r.source], length(items)) AS source, arrayResize([r.observed_at], length(items)) AS observed_at,
    arrayResize([r.platform], length(items)) AS platform, arrayResize([r.account_id], length(items)) AS account_id, arrayResize([r.account_role], length(items)) AS account_role, arrayResize([r.region], length(items)) AS region,
    arrayResize([r.service], length(items)) AS service, arrayResize([r.resource_type], length(items)) AS resource_type, arrayResize([r.resource_id], length(items)) AS resource_id, arrayResize([r.resource_name], length(items)) AS resource_name,
    arrayResize([r.marqo_customer], length(items)) AS marqo_customer, arrayResize([r.marqo_cluster], length(items)) AS marqo_cluster, arrayResize([r.marqo_index], length(items)) AS marqo_index, arrayResize([r.actor], length(items)) AS actor,
    arrayResize([r.state], length(items)) AS state, arrayResize([r.ancestors], length(items)) AS ancestors, arrayResize([r.relations], length(items)) AS relations, arrayResize([r.tags], length(items)) AS tags,
    arrayResize([r.properties], length(items)) AS properties, arrayResize([r.first_ts], length(items)) AS first_ts, arrayResize([r.last_ts], length(items)) AS last_ts
COMMENT 'Internal: what resource_rollups_mv inserts into resource_rollups';
