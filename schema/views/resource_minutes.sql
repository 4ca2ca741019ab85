-- resource_minutes: the minutes of which resource_states has other rows than were folded into resource_rollups: the days
-- that have another fingerprint first, and then their minutes. A minute without a row has the fingerprint 0.

CREATE OR REPLACE VIEW polo.resource_minutes{{on_cluster}}
(
    day Date32 COMMENT 'Day, UTC',
    minute Int64 COMMENT 'Minute since 1970, UTC',
    print UInt64 COMMENT 'Fingerprint of its rows in resource_states',
    stored_rows UInt64 COMMENT 'How many rows resource_states has of it, superseded ones included'
)
AS WITH {{template "resources_now"}} AS now
SELECT day, minute, sum(part) AS print, sum(n) AS stored_rows
FROM
(
    SELECT toDate32(ts) AS day, {{template "minute"}} AS minute, sum({{template "mark"}}) AS part, count() AS n, 0::UInt64 AS was
    FROM polo.resource_states
    WHERE toDate32(ts) IN now.2
    GROUP BY day, minute
    SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT day, minute, 0, 0, print FROM polo.resource_rollups WHERE kind = 1 AND day IN now.2 SETTINGS final = 1, max_threads = 1
)
GROUP BY day, minute
HAVING print != sum(was) {{- /* mutant:folded-minutes-stay-folded */}}
COMMENT 'Internal: the minutes of resource_states that are not folded into resource_rollups as they are';
