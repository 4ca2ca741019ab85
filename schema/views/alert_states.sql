-- alert_states: each thing that an alert ever found wrong, by its labels: the state that the last evaluation that changed it left.

CREATE OR REPLACE VIEW polo.alert_states{{on_cluster}}
(
    alert LowCardinality(String) COMMENT 'Alert: polo alerts list names them',
    fingerprint String COMMENT 'What the alert and its labels identify',
    title String COMMENT 'What is wrong, in a line',
    severity String COMMENT 'critical, high, medium or low',
    state LowCardinality(String) COMMENT 'pending, firing, recovering, resolved, ok, error (it cannot be evaluated) or no_data',
    on String COMMENT 'The state in which it is told: firing, error or no_data',
    since DateTime64(3, 'UTC') COMMENT 'When it came into this state, UTC',
    changed_at DateTime64(3, 'UTC') COMMENT 'The evaluation that last changed it, UTC',
    count UInt32 COMMENT 'Evaluations in a row that found it while pending, or did not while recovering',
    episode String COMMENT 'From its first firing evaluation to its end; empty if it did not fire',
    fired_at Nullable(DateTime64(3, 'UTC')) COMMENT 'The first firing evaluation of the episode, UTC; NULL if it did not fire',
    reason String COMMENT 'Why it ended: absent, or withdrawn (the alert is no longer evaluated)',
    account_id LowCardinality(String) COMMENT 'Account that it is about; empty for none or several',
    arn String COMMENT 'Key of the resource that it is about; empty for none',
    labels Map(String, String) COMMENT 'What identifies it',
    values Map(String, String) COMMENT 'What was found when the state changed'
)
AS SELECT
    l.alert AS alert, l.subject AS fingerprint, l.properties['title'] AS title, l.properties['severity'] AS severity, l.state AS state,
    l.properties['on'] AS on, parseDateTime64BestEffortOrZero(l.properties['since'], 3, 'UTC') AS since, l.ts AS changed_at,
    toUInt32OrZero(l.properties['count']) AS count, l.properties['episode'] AS episode,
    parseDateTime64BestEffortOrNull(l.properties['fired_at'], 3, 'UTC') AS fired_at, l.properties['reason'] AS reason,
    l.account_id AS account_id, l.arn AS arn,
    JSONExtract(l.properties['labels'], 'Map(String, String)') AS labels, JSONExtract(l.properties['values'], 'Map(String, String)') AS values
FROM polo.alert_log AS l FINAL
-- The latest of each first, by columns that are narrow: their texts are read of these alone.
WHERE l.event_type = 'alert.transitioned'
    AND (l.subject, l.ts) GLOBAL IN (SELECT subject, max(ts) FROM polo.alert_log WHERE event_type = 'alert.transitioned' GROUP BY subject)
COMMENT 'Each thing that an alert ever found wrong, in its present state';
