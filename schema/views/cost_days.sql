-- cost_days: each day that has lines, its fingerprint, and the generation of cost_rollups that has seen all
-- of it, with the scopes of its lines: 0 if there is none, because the day has changed since, or was never
-- rolled up. latest is the last generation, whatever it has seen. A generation begins with the time it was
-- made, in milliseconds above 22 bits, as a version does; one about to expire does not count, because its rows
-- may go while they are read.
--
-- On a cluster it is about the lines of one shard.
--
-- The fingerprint is read without FINAL, which the reader's profile sets: only then does ClickHouse answer
-- from the projection.

CREATE OR REPLACE VIEW polo.cost_days{{on_cluster}}
(
    day Date32 COMMENT 'Day, UTC',
    print UInt64 COMMENT 'Fingerprint of its rows in cost_lines',
    stored_rows UInt64 COMMENT 'How many rows cost_lines has of it, superseded ones included',
    generation UInt64 COMMENT 'The generation of cost_rollups that has seen all of them, or 0',
    scopes Array({{template "scope_tuple"}}) COMMENT 'The scopes of that generation, each with its lines',
    latest UInt64 COMMENT 'The last generation of the day, or 0'
)
AS SELECT day, print, stored_rows, found.1 AS generation, found.3 AS scopes, latest
FROM
(
    SELECT day, print, stored_rows, arrayFirst(g -> g.2 = print, generations) AS found, arrayMax(g -> g.1, generations) AS latest {{- /* mutant:outdated-rollups-count */}}
    FROM
    (
        SELECT day, sum(part) AS print, sum(n) AS stored_rows, groupArrayIf((made, seen, of), made > 0) AS generations
        FROM
        (
            SELECT
                toDate32(ts) AS day, sum(sipHash64(event_id, version)) AS part, count() AS n,
                0::UInt64 AS made, 0::UInt64 AS seen, []::Array({{template "scope_tuple"}}) AS of
            FROM {{local "cost_lines"}}
            GROUP BY day
            SETTINGS final = 0, max_threads = 1
            UNION ALL
            SELECT
                day, 0, 0, generation, any(print),
                groupArrayIf((scope, source, payer_account_id, report_account, billing_day, delivery, observed_at, lines), lines > 0)
            FROM {{local "cost_rollups"}}
            WHERE kind = 0 AND expires > now() + 600
            GROUP BY day, generation
            SETTINGS final = 0, max_threads = 1
        )
        GROUP BY day
        HAVING stored_rows > 0
    )
)
COMMENT 'Internal: each day of costs, and which generation of cost_rollups has seen all of its lines'
