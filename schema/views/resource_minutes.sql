-- resource_minutes: the minutes of which resource_states has other rows than were folded into resource_rollups: the days
-- that have another fingerprint first, and then their minutes. A minute without a row has the fingerprint 0.

CREATE OR REPLACE VIEW polo.resource_minutes{{on_cluster}}
(
    day Date32 COMMENT 'Day, UTC',
    minute Int64 COMMENT 'Minute since 1970, UTC',
    print UInt64 COMMENT 'Fingerprint of its rows in resource_states',
    stored_rows UInt64 COMMENT 'How many rows resource_states has of it, superseded ones included'
)
AS WITH {{template "resources_now"}} AS now
{{template "minutes_of_days" "now.2"}}
COMMENT 'Internal: the minutes of resource_states that are not folded into resource_rollups as they are';
