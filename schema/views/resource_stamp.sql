-- resource_stamp: checksums of the rows of resource_states and scans, from their projections, which is all that decides which
-- resources there are and in what state; and, compared with those that the last run of resource_rollups_mv found, what of
-- resource_rollups holds. A question or a run asks it once (resources_now), so that all that it is told is of one
-- moment.
--
-- Rows are read without FINAL, as in cost_days.

CREATE OR REPLACE VIEW polo.resource_stamp{{on_cluster}}
(
    reads String COMMENT 'What resources_current reads: all events, while not all are folded; what is stored, while it is that of now; or what is stored and what changed since',
    touched Array(Date32) COMMENT 'Days of which rows of resource_states came or went since',
    scans_hold Bool COMMENT 'Whether no scan and no snapshot came or went since',
    stamp UInt64 COMMENT 'Checksum of all rows',
    scan_stamp UInt64 COMMENT 'Checksum of the scans and snapshots',
    prints Array(Tuple(Date32, UInt64)) COMMENT 'Checksum of the rows of each day of resource_states'
)
AS SELECT
    multiIf(sum(kept) = 0, '^resources_live$', sum(part) = sum(kept), '^resource_rollups$', '^resources_touched$') AS reads, {{- /* mutant:kept-resources-always-hold */}}
    groupArrayIf(day, print != was) AS touched,
    (sum(of_scans) = sum(kept_scans))::Bool AS scans_hold, {{- /* mutant:kept-scans-always-hold */}}
    sum(part) AS stamp, sum(of_scans) AS scan_stamp, groupArrayIf((day, print), print != 0) AS prints
FROM
(
    SELECT day, sum(part) AS part, sum(of_scans) AS of_scans, sum(print) AS print, sum(was) AS was, sum(kept) AS kept, sum(kept_scans) AS kept_scans
    FROM
    (
        SELECT toDate32(0) AS day, sum({{template "mark"}}) AS part, part AS of_scans, 0::UInt64 AS print, 0::UInt64 AS was, 0::UInt64 AS kept, 0::UInt64 AS kept_scans {{- /* mutant:resource-stamp-is-of-states */}}
        FROM polo.scans
        SETTINGS final = 0, max_threads = 1
        UNION ALL
        SELECT toDate32(ts) AS day, sum({{template "mark"}}) AS part, if(event_type = 'resource.snapshot', part, 0), part, 0, 0, 0 {{- /* mutant:snapshots-change-no-scan */}}
        FROM polo.resource_states
        GROUP BY day, event_type
        SETTINGS final = 0, max_threads = 1
        UNION ALL
        SELECT k.1, 0, 0, 0, k.2, k.3, k.4
        FROM (SELECT arrayJoin(arrayPushBack(arrayMap(p -> (p.1, p.2, 0::UInt64, 0::UInt64), prints), (toDate32(0), 0::UInt64, stamp, scan_stamp))) AS k FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1)
    )
    GROUP BY day
)
COMMENT 'Internal: checksums of the rows that decide which resources there are, and what of resource_rollups holds';
