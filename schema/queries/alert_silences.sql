-- title: Silences of alerts
-- group: alerts
-- text: Who silenced which alerts, why and until when. While a silence holds, states go on changing and nothing is sent. polo alerts silence makes one.
-- param: status String | default current | pattern current|ended|all | current (active, or scheduled before its start), ended (expired or revoked) or all
-- rows: 200 5000
-- cache: 15
-- column: state String | active, scheduled (before its start), expired or revoked
-- column: alert String | Alerts that it silences: * stands for any text
-- column: labels Map(String, String) | Labels that they must have: * stands for any text
-- column: author String | Who silenced them
-- column: reason String | Why
-- column: starts DateTime64(3, 'UTC') | UTC | From when
-- column: expires DateTime64(3, 'UTC') | UTC | Until when
-- column: changed_by String | Who revoked it; empty if nobody did
-- column: silence String | Its id: polo alerts unsilence ID

SELECT s.state AS state, s.alert AS alert, s.labels AS labels, s.author AS author, s.reason AS reason, s.starts AS starts, s.expires AS expires, s.changed_by AS changed_by, s.silence AS silence
FROM polo.alert_silences AS s
WHERE {status:String} = 'all' OR {status:String} = if(s.state IN ('active', 'scheduled'), 'current', 'ended')
ORDER BY indexOf(['active', 'scheduled', 'expired', 'revoked'], state), expires DESC, alert, silence
LIMIT {limit:UInt32} + 1
