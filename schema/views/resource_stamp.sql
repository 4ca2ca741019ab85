-- resource_stamp: checksums of the rows of resource_states and scans, from their projections. Which resources are there
-- and in what state depends on nothing else.

CREATE OR REPLACE VIEW polo.resource_stamp{{on_cluster}}
(
    stamp UInt64 COMMENT 'Of all rows',
    scan_stamp UInt64 COMMENT 'Of the rows that decide which scans count: scans, and snapshots',
    prints Array(Tuple(Date32, UInt64)) COMMENT 'Of the rows of each day of resource_states'
)
AS SELECT sum(part) AS stamp, sum(of_scans) AS scan_stamp, groupArrayIf((day, print), print != 0) AS prints
FROM
(
    SELECT day, sum(part) AS part, sum(of_scans) AS of_scans, sum(print) AS print
    FROM ({{template "resource_prints"}})
    GROUP BY day
)
COMMENT 'Internal: checksums of the rows that decide which resources there are';
