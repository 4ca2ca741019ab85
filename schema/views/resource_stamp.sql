-- resource_stamp: a checksum of the rows of resource_states and scans, from their projections. Which resources are there
-- and in what state depends on nothing else.
--
-- It is read without FINAL, as in cost_days.

CREATE OR REPLACE VIEW polo.resource_stamp{{on_cluster}}
(
    stamp UInt64 COMMENT 'Checksum of the rows'
)
AS SELECT sum(part) AS stamp
FROM
(
    SELECT sum({{template "mark"}}) AS part FROM polo.resource_states SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT sum({{template "mark"}}) FROM polo.scans SETTINGS final = 0, max_threads = 1 {{- /* mutant:resource-stamp-is-of-states */}}
)
COMMENT 'Internal: a checksum of the rows that decide which resources there are';
