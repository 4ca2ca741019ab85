-- title: Notifications of alerts
-- group: alerts
-- text: Who was told of what on which channel, the newest first: what was sent, what failed and why, and what a silence withheld. One that was intended and never sent is
-- text: sent again by the next run, marked as repeated.
-- param: alert Array(String) | max 100 | items 50 | Only these alerts; empty is all
-- param: episode String | max 100 | Only of this episode
-- param: channel Array(String) | max 100 | items 50 | Only these channels
-- param: state Array(String) | max 10 | items 4 | Only these states: intended, sent, failed, silenced
-- param: days UInt16 | default 30 | min 1 | max 4000 | Only those that changed so many days back
-- rows: 200 5000
-- cache: 15
-- column: changed_at DateTime64(3, 'UTC') | UTC | When it was last intended, sent or failed
-- column: alert String | Alert
-- column: transition String | What it tells: firing or resolved
-- column: channel String | Channel, as the configuration names it
-- column: state String | intended, sent, failed, or silenced (withheld by a silence)
-- column: error String | Why it failed
-- column: repetition UInt32 | 0, or which reminder it is
-- column: attempts UInt32 | requests | In the last run that tried
-- column: marked_repeated Bool | Whether its last request was marked as one that may have been sent before
-- column: uncertain Bool | Whether it may have arrived, though it is not known as sent
-- column: time DateTime64(3, 'UTC') | UTC | When the episode began to fire, or was resolved
-- column: episode String | Episode that it tells of
-- column: fingerprint String | What the alert and its labels identify
-- column: message String | The message that it was a part of

SELECT
    n.changed_at AS changed_at, toString(n.alert) AS alert, n.transition AS transition, n.channel AS channel, toString(n.state) AS state, n.error AS error,
    n.repetition AS repetition, n.attempts AS attempts, n.marked_repeated AS marked_repeated, n.uncertain AS uncertain, n.time AS time, n.episode AS episode,
    n.fingerprint AS fingerprint, n.message AS message
FROM polo.alert_notifications AS n
WHERE n.changed_at >= now64(3, 'UTC') - toIntervalDay({days:UInt16})
    [[AND has({alert:Array(String)}, toString(n.alert))]]
    [[AND n.episode = {episode:String}]]
    [[AND has({channel:Array(String)}, n.channel)]]
    [[AND has({state:Array(String)}, toString(n.state))]]
ORDER BY changed_at DESC, alert, channel, repetition, episode, transition
LIMIT {limit:UInt32} + 1
