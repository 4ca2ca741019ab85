-- title: Violation of a rule of high severity
-- text: A resource violates a rule of high or critical severity: it is open to the world, not encrypted, not backed up, or costs more than was agreed.
-- text: docs/RULES.md says why each rule matters, and what to do. While a rule cannot be judged, because what it needs was not read, its violations neither fire
-- text: nor resolve; exempt ones do not count.
-- severity: high
-- runbook: violation-of-a-rule
-- for: 1
-- keep_firing: 1
-- group_by: rule
-- repeat: 168h
-- route: security
-- no_data: ok
-- param: severity Array(String) | default critical,high | in critical, high, medium, low | items 4 | Rules of these severities
-- param: rule Array(String) | max 100 | items 50 | Only these rules; empty is all
-- rows: 5000 20000
-- label: rule String | Rule
-- label: rule_severity String | Its severity
-- label: account_id String | Account
-- label: region String | Region
-- label: arn String | ARN, or ARN-like key
-- column: title String | What is wrong
-- column: resource_name String | Name for people
-- column: resource_type String | Type: ec2:instance
-- column: customer String | Customer; empty if it has no owner
-- column: evidence String | What shows it, as JSON
-- column: first_seen DateTime64(3, 'UTC') | UTC | When it was first violated, as far as is known
-- column: reopened UInt64 | times | How often it came back

SELECT
    v.rule AS rule, v.severity AS rule_severity, v.account_id AS account_id, v.region AS region, v.arn AS arn,
    v.title AS title, v.resource_name AS resource_name, v.resource_type AS resource_type, v.marqo_customer AS customer, toJSONString(v.evidence) AS evidence,
    v.first_seen AS first_seen, v.reopened AS reopened,
    if(v.status = 'open', 'wrong', 'unknown') AS verdict
FROM polo.rule_violations AS v
WHERE v.status IN ('open', 'unknown') AND has({severity:Array(String)}, v.severity)
    [[AND has({rule:Array(String)}, v.rule)]]
ORDER BY verdict DESC, indexOf(['critical', 'high', 'medium', 'low'], rule_severity), first_seen DESC, rule, arn
LIMIT {limit:UInt32} + 1
