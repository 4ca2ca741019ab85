-- cost_states_mv keeps the state of costs, if the last one that was kept does not hold. On a cluster it keeps none: its servers
-- need not have the same rows at a time.
--
-- It reads polo.cost_states_due only if it must, as polo.cost_state does. The rows that are there have another
-- time.

DROP VIEW IF EXISTS polo.cost_states_mv{{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_states_mv{{on_cluster}} REFRESH AFTER 10 SECOND APPEND TO {{local "cost_states"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT toUInt64(toUnixTimestamp64Milli(now64(3))) AS made, stamp, expires, generations, touched, counting, adding, partial
FROM
(
    SELECT made AS at, stamp, expires, generations, touched, counting, adding, partial
    FROM merge('polo', {{if cluster}}'^cost_states$'{{else}}(SELECT if((SELECT stamp FROM polo.cost_stamp) = 0 OR {{template "state_is_kept"}}, '^cost_states$', '^cost_states_due$')){{end}})
    WHERE at = 0
    SETTINGS final = 0
)
COMMENT 'Internal: keeps the state of costs in cost_states'
