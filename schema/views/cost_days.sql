-- cost_days: each day that has lines, its fingerprint, and the generation of cost_rollups that has seen all
-- of it: 0 if there is none, because the day has changed since, or was never rolled up. latest is the last
-- generation, whatever it has seen. A generation begins with the time it was made, in milliseconds above 22
-- bits, as a version does; one about to expire does not count, because its rows may go while they are read.
--
-- On a cluster it is about the lines of one shard.
--
-- The fingerprint is read without FINAL, which the reader's profile sets: only then does ClickHouse answer
-- from the projection.

CREATE OR REPLACE VIEW polo.cost_days{{on_cluster}}
AS SELECT
    day, print, stored_rows,
    arrayMax(g -> if(g.2 = print, g.1, 0), made) AS generation, {{- /* mutant:outdated-rollups-count */}}
    arrayMax(g -> g.1, made) AS latest
FROM
(
    SELECT day, sum(part) AS print, sum(n) AS stored_rows, groupArrayIf((made, seen), made > 0) AS made
    FROM
    (
        SELECT toDate32(ts) AS day, sum(sipHash64(event_id, version)) AS part, count() AS n, 0::UInt64 AS made, 0::UInt64 AS seen
        FROM {{local "cost_lines"}}
        GROUP BY day
        SETTINGS final = 0
        UNION ALL
        SELECT day, 0, 0, generation, print
        FROM {{local "cost_rollups"}}
        WHERE kind = 0 AND expires > now() + 600
        SETTINGS final = 0
    )
    GROUP BY day
    HAVING stored_rows > 0
)
COMMENT 'Internal: each day of costs, and which generation of cost_rollups has seen all of its lines'
