-- alert_silences: who silenced which alerts, why, and until when. While one holds, states go on changing and nothing is sent.

CREATE OR REPLACE VIEW polo.alert_silences{{on_cluster}}
(
    silence String COMMENT 'Its id',
    alert String COMMENT 'Alerts that it silences: * stands for any text',
    labels Map(String, String) COMMENT 'Labels that they must have: * stands for any text',
    author String COMMENT 'Who silenced them',
    reason String COMMENT 'Why',
    starts DateTime64(3, 'UTC') COMMENT 'From when, UTC',
    expires DateTime64(3, 'UTC') COMMENT 'Until when, UTC',
    state String COMMENT 'active, expired, revoked, scheduled before its start, or malformed (it silences nothing)',
    changed_by String COMMENT 'Who revoked it; empty if nobody did'
)
AS SELECT
    l.subject AS silence, l.properties['pattern'] AS alert, JSONExtract(l.properties['labels'], 'Map(String, String)') AS labels,
    l.properties['author'] AS author, l.properties['reason'] AS reason,
    parseDateTime64BestEffortOrZero(l.properties['starts'], 3, 'UTC') AS starts, parseDateTime64BestEffortOrZero(l.properties['expires'], 3, 'UTC') AS expires,
    multiIf(l.state = 'revoked', 'revoked', NOT isValidJSON(l.properties['labels']), 'malformed', expires <= now64(3, 'UTC'), 'expired', starts > now64(3, 'UTC'), 'scheduled', 'active') AS state,
    if(l.state = 'revoked', l.actor, '') AS changed_by
FROM polo.alert_log AS l FINAL
WHERE l.event_type = 'alert.silenced'
COMMENT 'Silences of alerts: who, why, until when';
