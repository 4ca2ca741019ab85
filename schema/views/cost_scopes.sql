-- cost_scopes: what decides together whether a line counts, and how many lines it has: a delivery of a bill, or
-- the lines of a billing day that were observed at one time.

CREATE OR REPLACE VIEW polo.cost_scopes{{on_cluster}}
AS WITH ({{template "days"}}) AS days
{{template "scopes"}}
COMMENT 'Internal: each delivery of a bill and, where there are none, each time at which lines of a billing day were observed, with the number of its lines'
