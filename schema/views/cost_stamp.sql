-- cost_stamp: a checksum of the rows of cost_lines and scans, from their projections. What costs are
-- depends on nothing else.
--
-- It is read without FINAL, as in cost_days.

CREATE OR REPLACE VIEW polo.cost_stamp{{on_cluster}}
(
    stamp UInt64 COMMENT 'Checksum of the rows',
    until DateTime('UTC') COMMENT 'What is kept must not expire before'
)
AS SELECT sum(part) AS stamp, toDateTime(now(), 'UTC') + 600 AS until
FROM
(
    SELECT sum(sipHash64(event_id, version)) AS part FROM polo.cost_lines SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT sum(sipHash64(event_id, version)) FROM polo.scans SETTINGS final = 0, max_threads = 1 {{- /* mutant:stamp-is-of-lines */}}
)
COMMENT 'Internal: a checksum of the rows that decide what costs are';
