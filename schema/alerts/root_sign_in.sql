-- title: Root user in use
-- text: Somebody signed in as the root user of an account, or called an API as it. Root may do everything, no policy bounds it, and nobody needs it for daily work:
-- text: it is an emergency that people know of, or an intrusion. Failed sign-ins count, too. While activity cannot be read, the use of the days before neither fires nor resolves.
-- severity: critical
-- runbook: root-or-break-glass-in-use
-- for: 1
-- keep_firing: 0
-- group_by: account_id
-- repeat: 24h
-- route: security
-- no_data: ok
-- param: at DateTime64(3, 'UTC') | default now | min 2000-01-01 | max now+1d | The time of the evaluation
-- param: hours UInt16 | default 24 | min 1 | max 168 | In the last so many hours
-- rows: 500 5000
-- label: account_id String | Account
-- label: use String | sign-in or call
-- column: times UInt64 | times | How often
-- column: failed UInt64 | times | How often it failed
-- column: calls Array(String) | What was called, at most 10
-- column: source_ips Array(String) | From where, at most 10
-- column: without_mfa UInt64 | times | How often without a second factor, where the record says so
-- column: first DateTime64(3, 'UTC') | UTC | The first
-- column: last DateTime64(3, 'UTC') | UTC | The last
-- data: SELECT (count() > 0)::Bool FROM (SELECT 1 FROM polo.resource_events WHERE ts > now64(3, 'UTC') - toIntervalDay(1) AND startsWith(event_type, 'activity.') LIMIT 1)

WITH (
    SELECT count() > 0
    FROM polo.coverage_gaps
    WHERE source = 'aws.cloudtrail' AND last_gap > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16})
) AS unread
SELECT
    toString(e.account_id) AS account_id, if(event_type = 'activity.console_sign_in', 'sign-in', 'call') AS use,
    count() AS times, countIf(error_code != '' OR properties['error_message'] != '') AS failed,
    arraySort(groupUniqArray(10)(properties['event_name'])) AS calls,
    arraySort(groupUniqArrayIf(10)(properties['source_ip'], properties['source_ip'] != '')) AS source_ips,
    countIf(properties['mfa'] = 'false' OR position(properties['additional_event_data'], '"MFAUsed":"No"') > 0) AS without_mfa,
    min(ts) AS first, max(ts) AS last,
    if(last > {at:DateTime64(3, 'UTC')} - toIntervalHour({hours:UInt16}), 'wrong', 'unknown') AS verdict
FROM polo.resource_events AS e
WHERE ts > {at:DateTime64(3, 'UTC')} - toIntervalHour(2 * {hours:UInt16}) AND ts <= {at:DateTime64(3, 'UTC')} AND startsWith(event_type, 'activity.')
    AND e.actor LIKE 'arn:aws%:iam::%:root' AND properties['invoked_by'] = '' -- not AWS itself on behalf of the account
GROUP BY account_id, use
HAVING verdict = 'wrong' OR unread
ORDER BY verdict DESC, last DESC, account_id, use
LIMIT {limit:UInt32} + 1
