-- cost_state: what decides what costs are, in one row (polo.cost_state_live). What reads it asks it once, so
-- that no day is both rolled up and not.
--
-- If no row of cost_lines or scans came or went since the state was last kept (polo.cost_states), that is the state. merge()
-- opens only the one of the two that it is told, so that the other is not planned.

CREATE OR REPLACE VIEW polo.cost_state{{on_cluster}}
(
    generations Array(UInt64) COMMENT 'Generations of cost_rollups that count',
    touched Array(Date32) COMMENT 'Days that none of them has seen all of',
    counting Array(UInt64) COMMENT 'Scopes whose lines count',
    adding Array(UInt64) COMMENT 'Those of them that no bill of the payer doubles',
    partial Array(UInt64) COMMENT 'Scopes of those that are of a bill that is not whole'
)
AS SELECT generations, touched, counting, adding, partial
FROM {{if cluster}}polo.cost_state_live{{else}}merge('polo', (SELECT if({{template "state_is_kept"}}, '^cost_states$', '^cost_state_live$')))
ORDER BY made DESC
LIMIT 1
SETTINGS final = 0{{end}}
COMMENT 'Internal: which rows of cost_rollups and cost_lines make up the costs of now';
