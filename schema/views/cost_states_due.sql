-- cost_states_due: the state for cost_states_mv to keep; no row while a day is not rolled up. The stamp is read
-- before the state: with what comes between the two, the state has a stamp that the tables have no more.

CREATE OR REPLACE VIEW polo.cost_states_due{{on_cluster}}
AS WITH (SELECT stamp FROM polo.cost_stamp) AS before
SELECT
    0::UInt64 AS made, before AS stamp,
    (SELECT min(expires) FROM polo.cost_rollups WHERE kind = 0 AND expires > now() + 600 SETTINGS final = 0) AS expires,
    generations, touched, counting, adding, partial
FROM polo.cost_state_live
WHERE empty(touched)
COMMENT 'Internal: what cost_states_mv inserts into cost_states';
