-- title: History of alerts
-- group: alerts
-- text: Changes of state of an alert, of one thing that it found or of one episode, the newest first. An evaluation that changes nothing is not here.
-- param: alert Array(String) | max 100 | items 50 | Only these alerts; empty is all
-- param: fingerprint String | max 100 | Only of this: an alert and its labels
-- param: episode String | max 100 | Only of this episode
-- param: days UInt16 | default 30 | min 1 | max 4000 | Only changes of so many days back
-- rows: 200 5000
-- cache: 15
-- column: time DateTime64(3, 'UTC') | UTC | The evaluation that changed it
-- column: alert String | Alert
-- column: severity String | critical, high, medium or low
-- column: title String | What is wrong
-- column: before String | The state before; empty if it was never found
-- column: state String | The state after: pending, firing, recovering, resolved, ok, error or no_data
-- column: count UInt32 | evaluations | In a row that found it while pending, or did not while recovering
-- column: reason String | Why it ended: absent, or withdrawn (the alert is no longer evaluated)
-- column: account_id String | Account that it is about; empty for none or several
-- column: arn String | Key of the resource that it is about; empty for none
-- column: labels Map(String, String) | What identifies it
-- column: values Map(String, String) | What was found then
-- column: episode String | Episode; empty while it does not fire
-- column: fingerprint String | What the alert and its labels identify

SELECT
    l.ts AS time, toString(l.alert) AS alert, l.properties['severity'] AS severity, l.properties['title'] AS title, l.properties['from'] AS before, toString(l.state) AS state,
    toUInt32OrZero(l.properties['count']) AS count, l.properties['reason'] AS reason, toString(l.account_id) AS account_id, l.arn AS arn,
    JSONExtract(l.properties['labels'], 'Map(String, String)') AS labels, JSONExtract(l.properties['values'], 'Map(String, String)') AS values,
    l.properties['episode'] AS episode, l.subject AS fingerprint
FROM polo.alert_log AS l FINAL
WHERE l.event_type = 'alert.transitioned' AND l.ts >= now64(3, 'UTC') - toIntervalDay({days:UInt16})
    [[AND has({alert:Array(String)}, toString(l.alert))]]
    [[AND l.subject = {fingerprint:String}]]
    [[AND l.properties['episode'] = {episode:String}]]
ORDER BY time DESC, alert, fingerprint
LIMIT {limit:UInt32} + 1
