-- title: Evaluations of alerts
-- group: alerts
-- text: The last runs that evaluated the alerts, the newest first. They are due every five minutes: if none finished for longer, nobody is told of anything.
-- param: days UInt16 | default 7 | min 1 | max 4000 | Only runs of so many days back
-- rows: 100 5000
-- cache: 15
-- column: scheduled DateTime64(3, 'UTC') | UTC | When it was due
-- column: state String | finished, yielded (another run had the turn) or claimed (no end of it is known)
-- column: alerts UInt32 | alerts | Evaluated
-- column: errors UInt32 | alerts | Those that could not be evaluated
-- column: open UInt32 | episodes | Under way at its end
-- column: sent UInt32 | notifications | Sent
-- column: failed UInt32 | notifications | That could not be sent
-- column: silenced UInt32 | notifications | Withheld by a silence
-- column: repeated Bool | Whether all that it sent was marked as repeated, because the run before has no end
-- column: ended_at Nullable(DateTime64(3, 'UTC')) | UTC | When it ended; null if no end is known
-- column: run String | Its token

SELECT
    max(l.ts) AS scheduled, if(countIf(l.event_type = 'alert.evaluated') = 0, 'claimed', anyIf(toString(l.state), l.event_type = 'alert.evaluated')) AS state,
    toUInt32OrZero(anyIf(l.properties['alerts'], l.event_type = 'alert.evaluated')) AS alerts, toUInt32OrZero(anyIf(l.properties['errors'], l.event_type = 'alert.evaluated')) AS errors,
    toUInt32OrZero(anyIf(l.properties['open'], l.event_type = 'alert.evaluated')) AS open, toUInt32OrZero(anyIf(l.properties['sent'], l.event_type = 'alert.evaluated')) AS sent,
    toUInt32OrZero(anyIf(l.properties['failed'], l.event_type = 'alert.evaluated')) AS failed, toUInt32OrZero(anyIf(l.properties['silenced'], l.event_type = 'alert.evaluated')) AS silenced,
    (countIf(l.event_type = 'alert.evaluated' AND l.properties['repeated'] = 'true') > 0)::Bool AS repeated, maxOrNullIf(l.observed_at, l.event_type = 'alert.evaluated') AS ended_at, l.run AS run
FROM polo.alert_log AS l FINAL
WHERE l.event_type IN ('alert.claimed', 'alert.evaluated') AND l.ts >= now64(3, 'UTC') - toIntervalDay({days:UInt16})
GROUP BY run
ORDER BY scheduled DESC, ended_at DESC NULLS LAST, run
LIMIT {limit:UInt32} + 1
