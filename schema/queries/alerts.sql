-- title: Alerts
-- group: alerts
-- text: What alerts found wrong, in its present state, the open first, the worst and the newest of them first; with what was found, and who was told on which channel.
-- text: docs/ALERTS_CATALOGUE.md describes the alerts.
-- param: status String | default open | pattern open|pending|resolved|all | open (firing, recovering, cannot be evaluated, or without data), pending, resolved, or all
-- param: days UInt16 | default 30 | min 1 | max 4000 | Of what is not open, only what changed so many days back
-- param: alert Array(String) | max 100 | items 50 | Only these alerts; empty is all
-- param: severity Array(String) | max 10 | items 4 | Only these severities: critical, high, medium, low
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- rows: 200 5000
-- cache: 15
-- column: severity String | critical, high, medium or low
-- column: alert String | Alert: polo alerts --explain ALERT
-- column: title String | What is wrong
-- column: state String | pending, firing, recovering, resolved, ok (it did not last long enough to fire), error (it cannot be evaluated) or no_data
-- column: since DateTime64(3, 'UTC') | UTC | When it came into this state
-- column: fired_at Nullable(DateTime64(3, 'UTC')) | UTC | When the episode began to fire; null if it did not
-- column: account_id String | Account that it is about; empty for none or several
-- column: arn String | Key of the resource that it is about; empty for none
-- column: labels Map(String, String) | What identifies it
-- column: values Map(String, String) | What was found when the state changed
-- column: told Map(String, String) | By channel: the last notification's state, intended, sent, failed or silenced
-- column: told_at Map(String, String) | By channel: when the last notification came into that state, UTC
-- column: told_errors Map(String, String) | By channel: why the last notification failed
-- column: reason String | Why it ended: absent, or withdrawn (the alert is no longer evaluated)
-- column: count UInt32 | evaluations | In a row that found it while pending, or did not while recovering
-- column: changed_at DateTime64(3, 'UTC') | UTC | The evaluation that last changed it
-- column: episode String | From its first firing evaluation to its end; empty if it did not fire
-- column: fingerprint String | What the alert and its labels identify

WITH last AS (
    SELECT episode, toString(channel) AS channel, argMax(toString(state), (changed_at, time, repetition)) AS last_state, max(changed_at) AS at, argMax(error, (changed_at, time, repetition)) AS last_error
    FROM polo.alert_notifications
    GROUP BY episode, channel
), told AS (
    SELECT
        episode, mapFromArrays(groupArray(channel), groupArray(last_state)) AS told, mapFromArrays(groupArray(channel), groupArray(toString(at))) AS told_at,
        mapFromArrays(groupArrayIf(channel, last_state = 'failed'), groupArrayIf(last_error, last_state = 'failed')) AS told_errors
    FROM (SELECT * FROM last ORDER BY channel)
    GROUP BY episode
)
SELECT
    s.severity AS severity, toString(s.alert) AS alert, s.title AS title, toString(s.state) AS state, s.since AS since, s.fired_at AS fired_at,
    toString(s.account_id) AS account_id, s.arn AS arn, s.labels AS labels, s.values AS values, t.told AS told, t.told_at AS told_at, t.told_errors AS told_errors,
    s.reason AS reason, s.count AS count, s.changed_at AS changed_at, s.episode AS episode, s.fingerprint AS fingerprint
FROM polo.alert_states AS s
LEFT ANY JOIN told AS t ON t.episode = s.episode AND s.episode != ''
WHERE
    ({status:String} = 'all' OR {status:String} = multiIf(s.state IN ('firing', 'recovering', 'error', 'no_data'), 'open', toString(s.state)))
    AND (s.state IN ('firing', 'recovering', 'error', 'no_data') OR s.changed_at >= now64(3, 'UTC') - toIntervalDay({days:UInt16}))
    [[AND has({alert:Array(String)}, toString(s.alert))]]
    [[AND has({severity:Array(String)}, s.severity)]]
    [[AND has({account:Array(String)}, toString(s.account_id))]]
ORDER BY
    multiIf(state IN ('firing', 'recovering', 'error', 'no_data'), 0, state = 'pending', 1, 2), indexOf(['critical', 'high', 'medium', 'low'], severity), since DESC, alert, fingerprint
LIMIT {limit:UInt32} + 1
