-- title: Something could not be read
-- text: While a part of a source is not read to its end, nothing in it counts as gone, new things in it are not seen, and rules and costs about
-- text: it may be wrong. It was tried, and refused, throttled or cut short, for longer than a collector takes to try again.
-- severity: medium
-- runbook: coverage-gaps
-- for: 3
-- keep_firing: 2
-- group_by: source, account_id
-- repeat: 24h
-- route: platform
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: hours UInt16 | default 6 | min 0 | max 10000 | Only what could not be read for at least so many hours
-- param: arriving UInt16 | default 24 | min 0 | max 10000 | What was read and has not all arrived, only after so many hours
-- param: ignore Array(String) | default disabled | in denied, throttled, unreachable, disabled, deadline, budget, invalid, partial, failed | items 10 | Gaps for these reasons do not count
-- rows: 1000 10000
-- label: source String | Source
-- label: account_id String | Account
-- label: region String | Region; empty is all
-- label: what String | Resource type, call or bill; empty is all of it
-- column: reason String | Why: denied, throttled, unreachable, disabled, deadline, budget, invalid, partial, arriving or failed
-- column: error_code String | The source's error
-- column: since DateTime64(3, 'UTC') | UTC | When it could first not be read, after it was last read to its end
-- column: last_gap DateTime64(3, 'UTC') | UTC | When it was last tried
-- column: last_completed Nullable(DateTime64(3, 'UTC')) | UTC | When it was last read to its end; null for never

SELECT
    of AS source, account AS account_id, place AS region, part AS what,
    -- Of one part, that it was refused comes before that it has not all arrived.
    toString(argMin(g.reason, (g.reason = 'arriving', g.begun))) AS reason, toString(argMin(g.error_code, (g.reason = 'arriving', g.begun))) AS error_code,
    min(g.begun) AS since, max(g.last_gap) AS last_gap, max(g.last_completed) AS last_completed,
    if(since > {at:DateTime64(3, 'UTC')} - toIntervalHour(if(reason = 'arriving', {arriving:UInt16}, {hours:UInt16})), 'unknown', 'wrong') AS verdict
FROM
(
    SELECT
        toString(source) AS of, toString(account_id) AS account, toString(region) AS place, toString(what) AS part,
        reason, error_code, greatest(first_gap, ifNull(last_completed, first_gap)) AS begun, last_gap, last_completed
    FROM polo.coverage_gaps
    WHERE NOT has({ignore:Array(String)}, toString(reason))
) AS g
GROUP BY of, account, place, part
ORDER BY verdict DESC, since, source, account_id, region, what
LIMIT {limit:UInt32} + 1
