-- resource_minutes: the minutes of which resource_states has other rows than were folded into resource_rollups: the days
-- that have another fingerprint first, and then their minutes. A minute without a row has the fingerprint 0.

CREATE OR REPLACE VIEW polo.resource_minutes{{on_cluster}}
(
    day Date32 COMMENT 'Day, UTC',
    minute Int64 COMMENT 'Minute since 1970, UTC',
    print UInt64 COMMENT 'Fingerprint of its rows in resource_states',
    stored_rows UInt64 COMMENT 'How many rows resource_states has of it, superseded ones included'
)
AS WITH
    (SELECT any(prints) FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1) AS folded,
    (
        SELECT tuple(groupArray(day))
        FROM
        (
            SELECT day, sum(part) AS now_print, sum(was) AS folded_print
            FROM
            (
                SELECT day, print AS part, 0::UInt64 AS was FROM ({{template "day_prints"}})
                UNION ALL
                SELECT f.1, 0, f.2 FROM (SELECT arrayJoin(folded) AS f)
            )
            GROUP BY day
            HAVING now_print != folded_print
        )
    ) AS touched
SELECT day, minute, sum(part) AS print, sum(n) AS stored_rows
FROM
(
    SELECT toDate32(ts) AS day, {{template "minute"}} AS minute, sum({{template "mark"}}) AS part, count() AS n, 0::UInt64 AS was
    FROM polo.resource_states
    WHERE toDate32(ts) IN touched.1
    GROUP BY day, minute
    SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT day, minute, 0, 0, print FROM polo.resource_rollups WHERE kind = 1 AND day IN touched.1 SETTINGS final = 1, max_threads = 1
)
GROUP BY day, minute
HAVING print != sum(was) {{- /* mutant:folded-minutes-stay-folded */}}
COMMENT 'Internal: the minutes of resource_states that are not folded into resource_rollups as they are';
