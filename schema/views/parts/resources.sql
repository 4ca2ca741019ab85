{{/* What several views of resources share. */}}

{{/* place orders the events of a resource: the time, the rank at that time (a creation first, a deletion last) and the
id, so that the order of arrival does not matter. */}}
{{define "place"}}bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id){{end}}

{{/* minute is the number of a row's minute since 1970, mark a checksum of what it says. */}}
{{define "minute"}}intDiv(toUnixTimestamp64Milli(ts), 60000){{end}}
{{define "mark"}}sipHash64(event_id, version){{end}}

{{/* resources_now is resource_stamp: what resources_current reads, the days that changed, whether the kept scans hold, and the
checksums of all rows, of scans and snapshots, and of each day. ClickHouse asks what stands alike in several places of a question once. */}}
{{define "resources_now"}}(SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp){{end}}
{{define "resources_are_kept"}}({{template "resources_now"}}.1 = '^resource_rollups$' AND {{template "resources_now"}}.3){{end}}

{{/* minutes_of_days is what resource_minutes has of the days that it is given. */}}
{{define "minutes_of_days"}}SELECT day, minute, sum(part) AS print, sum(n) AS stored_rows
FROM
(
    SELECT toDate32(ts) AS day, {{template "minute"}} AS minute, sum({{template "mark"}}) AS part, count() AS n, 0::UInt64 AS was
    FROM polo.resource_states
    WHERE toDate32(ts) IN {{.}}
    GROUP BY day, minute
    SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT day, minute, 0, 0, print FROM polo.resource_rollups WHERE kind = 1 AND day IN {{.}} SETTINGS final = 1, max_threads = 1
)
GROUP BY day, minute
HAVING print != sum(was) {{- /* mutant:folded-minutes-stay-folded */}}
{{end}}

{{/* changed_resources is, of the minutes that it is given, what changed: 1 the resources of which a row is not folded or a folded
row is gone; of each 2 the place after which and 3 the time until which its rows are to be folded into its state, or 0 and the end of
time for all rows into none; 4, 5 the first and last time of such rows; and 6 the folded rows that are gone: day, minute, ARN, mark. */}}
{{define "changed_resources"}}SELECT (
            groupArray(arn), groupArray(if(anew, toUInt256(0), known)), groupArray(until),
            min(if(anew, toDateTime64(0, 3, 'UTC'), first_at)), max(until), groupArrayArray(gone))
        FROM
        (
            SELECT c.arn AS arn, c.first_at AS first_at, c.last_at AS last_at, c.gone AS gone, s.place AS known, notEmpty(c.gone) OR c.first_place <= s.place AS anew, if(anew, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), c.last_at) AS until {{- /* mutant:late-events-folded-last */}}
            FROM (SELECT key, place FROM polo.resource_rollups WHERE kind = 2 SETTINGS final = 1) AS s
            RIGHT JOIN
            (
                SELECT arn, groupArrayIf((of_day, of_minute, arn, mark), NOT there) AS gone, minIf(place, there) AS first_place, minIf(ts, there) AS first_at, maxIf(ts, there) AS last_at {{- /* mutant:vanished-rows-stay */}}
                FROM
                (
                    SELECT arn, mark, max(present) AS there, max(place) AS place, max(ts) AS ts, any(day) AS of_day, any(minute) AS of_minute
                    FROM
                    (
                        SELECT arn, toDate32(ts) AS day, {{template "minute"}} AS minute, {{template "mark"}} AS mark, true AS present, {{template "place"}} AS place, ts
                        FROM polo.resource_states FINAL
                        WHERE arn != ''
                        UNION ALL
                        SELECT key, day, minute, mark, false, toUInt256(0), toDateTime64(0, 3, 'UTC')
                        FROM polo.resource_rollups
                        WHERE kind = 3 AND print = 0 {{- /* mutant:gone-marks-stay */}}
                        SETTINGS final = 1
                    )
                    WHERE minute IN {{.}}
                    GROUP BY arn, mark
                    HAVING min(present) = max(present)
                )
                GROUP BY arn
            ) AS c ON s.key = c.arn
        ){{end}}

{{/* folded_resources is the state of each resource in the array plan, which changed_resources gives, and the rows
folded into it. A resource of which nothing is left has the event_type ''. The stored state is as a whole event at the place of
the last in it. */}}
{{define "folded_resources"}}SELECT
        l.arn AS key,
        maxIf(l.at, l.counts) AS place,
        argMaxIf((l.event_id, l.event_type, l.source, l.observed_at, l.actor), l.at, l.counts) AS last,
        last.1 AS event_id, last.2 AS event_type, last.3 AS source, last.4 AS observed_at, last.5 AS actor,
        argMaxForEach(l.said.1, l.said.2) AS texts,
        texts[1] AS platform, texts[2] AS account_id, texts[3] AS account_role, texts[4] AS region, texts[5] AS service, texts[6] AS resource_type, texts[7] AS resource_id, texts[8] AS resource_name, texts[9] AS marqo_customer, texts[10] AS marqo_cluster, texts[11] AS marqo_index,
        argMaxIf(l.state, l.at, l.whole OR l.counts AND (l.state != '' OR l.event_type = 'resource.deleted')) AS state,
        argMaxIf(l.ancestors, l.at, l.whole OR l.counts AND notEmpty(l.ancestors)) AS ancestors,
        argMaxIf(l.relations, l.at, l.whole OR l.counts AND notEmpty(l.relations)) AS relations,
        -- All pairs, the latest first, and those of the last whole event last; the first pair of each key counts.
        argMaxIf((l.at, mapKeys(l.tags), mapValues(l.tags), mapKeys(l.properties), mapValues(l.properties)), l.at, l.whole) AS basis,
        arrayPushBack(arrayReverseSort(u -> u.1, arrayFilter(u -> u.1 > basis.1, groupArrayIf((l.at, mapKeys(l.tags), mapValues(l.tags), mapKeys(l.properties), mapValues(l.properties)), l.counts AND NOT l.whole))), basis) AS told,
        arrayFlatten(told.2) AS tag_keys,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, arrayFlatten(told.3)), arrayEnumerateUniq(tag_keys)), 'Map(LowCardinality(String), String)')) AS tags,
        arrayFlatten(told.4) AS property_keys,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(property_keys, arrayFlatten(told.5)), arrayEnumerateUniq(property_keys)), 'Map(LowCardinality(String), String)')) AS properties,
        minIf(l.first_at, l.counts) AS first_ts,
        maxIf(l.last_at, l.counts) AS last_ts,
        groupArrayIf((l.day, l.minute, l.mark), NOT l.kept) AS folded
    FROM
    (
        SELECT
            p.arn AS arn, r.* EXCEPT (arn, counts, whole, texts), r.counts AND (NOT r.kept OR p.known > 0) AS counts, r.whole AND counts AS whole,
            arrayMap(t -> if(whole OR counts AND t != '', (t, at), ('', toUInt256(0))), r.texts) AS said
        FROM (SELECT arn, known, until FROM (SELECT 1) ARRAY JOIN plan.1 AS arn, plan.2 AS known, plan.3 AS until) AS p
        INNER JOIN
        (
            SELECT
                arn, false AS kept, toDate32(ts) AS day, {{template "minute"}} AS minute, {{template "mark"}} AS mark, {{template "place"}} AS at,
                event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted') AND error_code = '' AS counts,
                event_type IN ('resource.snapshot', 'resource.created') AS whole,
                event_id, event_type, source, observed_at, actor, state,
                [platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index] AS texts, ancestors, arrayZip(relations.type, relations.target_arn) AS relations, tags, properties, ts AS first_at, ts AS last_at
            FROM polo.resource_states FINAL
            WHERE ts >= plan.4 AND ts <= plan.5 AND notEmpty(plan.1) AND arn != ''
            UNION ALL
            SELECT
                key, true, toDate32(0), 0, 0, place, place > 0, true,
                event_id, event_type, source, observed_at, actor, state,
                [platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index] AS texts, ancestors, relations, tags, properties, first_ts, last_ts
            FROM polo.resource_rollups
            WHERE kind = 2 AND key IN (SELECT arrayJoin(plan.1))
            SETTINGS final = 1
        ) AS r ON p.arn = r.arn
        WHERE r.kept OR r.at > p.known AND r.first_at <= p.until
        SETTINGS query_plan_join_swap_table = 'true'
    ) AS l
    GROUP BY l.arn{{end}}

{{/* state_columns are the columns of a resource's state in resource_rollups, state_of_nothing is one in which all are empty, and
state_declared declares them with the kind and key of the row. */}}
{{define "state_columns"}}event_id, event_type, source, observed_at, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
        marqo_customer, marqo_cluster, marqo_index, actor, state, ancestors, relations, tags, properties, first_ts, last_ts{{end}}
{{define "state_of_nothing"}}toUUID('00000000-0000-0000-0000-000000000000') AS event_id, '' AS event_type, '' AS source, toDateTime64(0, 3, 'UTC') AS observed_at, '' AS platform,
        '' AS account_id, '' AS account_role, '' AS region, '' AS service, '' AS resource_type,
        '' AS resource_id, '' AS resource_name, '' AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
        '' AS actor, '' AS state, []::Array(String) AS ancestors, []::Array(Tuple(String, String)) AS relations, CAST(map(), 'Map(LowCardinality(String), String)') AS tags,
        CAST(map(), 'Map(LowCardinality(String), String)') AS properties, toDateTime64(0, 3, 'UTC') AS first_ts, toDateTime64(0, 3, 'UTC') AS last_ts{{end}}
{{define "state_declared"}}kind UInt8 COMMENT '2',
    key String COMMENT 'ARN of the resource',
    event_id UUID COMMENT 'As in resource_rollups',
    event_type String COMMENT 'As in resource_rollups',
    source String COMMENT 'As in resource_rollups',
    observed_at DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    platform String COMMENT 'As in resource_rollups',
    account_id String COMMENT 'As in resource_rollups',
    account_role String COMMENT 'As in resource_rollups',
    region String COMMENT 'As in resource_rollups',
    service String COMMENT 'As in resource_rollups',
    resource_type String COMMENT 'As in resource_rollups',
    resource_id String COMMENT 'As in resource_rollups',
    resource_name String COMMENT 'As in resource_rollups',
    marqo_customer String COMMENT 'As in resource_rollups',
    marqo_cluster String COMMENT 'As in resource_rollups',
    marqo_index String COMMENT 'As in resource_rollups',
    actor String COMMENT 'As in resource_rollups',
    state String COMMENT 'As in resource_rollups',
    ancestors Array(String) COMMENT 'As in resource_rollups',
    relations Array(Tuple(String, String)) COMMENT 'As in resource_rollups',
    tags Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    properties Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    first_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    last_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups'{{end}}
