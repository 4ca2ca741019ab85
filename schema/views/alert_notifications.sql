-- alert_notifications: each notification of an episode on a channel: intended, then sent or failed. One that was never sent again
-- after a crash stays intended.

CREATE OR REPLACE VIEW polo.alert_notifications{{on_cluster}}
(
    notification String COMMENT 'What episode, transition, channel and repetition identify',
    alert LowCardinality(String) COMMENT 'Alert',
    fingerprint String COMMENT 'What the alert and its labels identify',
    episode String COMMENT 'Episode that it tells of',
    time DateTime64(3, 'UTC') COMMENT 'When the episode began to fire, or was resolved, UTC',
    transition String COMMENT 'firing or resolved',
    channel String COMMENT 'Channel, as the configuration names it',
    repetition UInt32 COMMENT '0, or which reminder it is',
    state LowCardinality(String) COMMENT 'intended, sent, failed, or silenced (withheld by a silence)',
    message String COMMENT 'The message that it was a part of',
    message_key String COMMENT 'What the receiver deduplicates by',
    attempts UInt32 COMMENT 'Requests made in the last run that tried',
    marked_repeated Bool COMMENT 'Whether its last request was marked as one that may have been sent before',
    uncertain Bool COMMENT 'Whether it may have arrived, though it is not known as sent',
    error String COMMENT 'Why it failed',
    changed_at DateTime64(3, 'UTC') COMMENT 'When it was last intended, sent or failed, UTC'
)
AS SELECT
    l.subject AS notification, l.alert AS alert, l.properties['fingerprint'] AS fingerprint, l.properties['episode'] AS episode, l.ts AS time,
    l.properties['transition'] AS transition, l.properties['channel'] AS channel, toUInt32OrZero(l.properties['repetition']) AS repetition,
    l.state AS state, l.properties['message'] AS message, l.properties['message_key'] AS message_key,
    toUInt32OrZero(l.properties['attempts']) AS attempts, toBool(l.properties['marked_repeated'] = 'true') AS marked_repeated,
    toBool(l.properties['uncertain'] = 'true') AS uncertain, l.properties['error'] AS error, l.observed_at AS changed_at
FROM polo.alert_log AS l FINAL
WHERE l.event_type = 'alert.notified'
COMMENT 'Each notification of an alert on a channel: intended, sent, failed or silenced';
