-- title: Rule violations
-- group: health
-- text: What violates a rule, the worst and the newest first: what is wrong, what shows it, since when, and whether it is exempt.
-- text: docs/RULES.md describes the rules, with why each matters and what to do.
-- param: status String | default open | pattern open|exempt|unknown|resolved|all | open, exempt, unknown (it was violated, and cannot be judged at present), resolved or all
-- param: rule Array(String) | max 100 | items 50 | Only these rules; empty is all
-- param: severity Array(String) | max 10 | items 4 | Only these severities: critical, high, medium, low
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- param: region Array(String) | max 100 | items 100 | Only these regions
-- param: resource_type Array(String) | max 200 | items 100 | Only these types: ec2:instance
-- param: customer Array(String) | max 300 | items 200 | Only these customers; (none) is what has no owner
-- rows: 200 5000
-- cache: 60
-- column: severity String | critical, high, medium or low
-- column: rule String | Rule: polo rules --explain RULE
-- column: title String | What is wrong
-- column: status String | open, exempt, unknown or resolved
-- column: arn String | ARN, or ARN-like key
-- column: resource_name String | Name for people
-- column: resource_type String | Type: ec2:instance
-- column: account_id String | Account
-- column: region String | Region
-- column: customer String | Customer; empty if it has no owner
-- column: evidence String | What shows it, as JSON
-- column: first_seen DateTime64(3, 'UTC') | UTC | When it was first violated, as far as is known
-- column: last_seen DateTime64(3, 'UTC') | UTC | When the resource was last seen so
-- column: resolved_at Nullable(DateTime64(3, 'UTC')) | UTC | When it was found resolved
-- column: resolution String | fixed, deleted or withdrawn
-- column: reopened UInt64 | times | How often it came back
-- column: exempt_reason String | Why it is exempt
-- column: exempt_author String | Who exempted it
-- column: exempt_until Nullable(DateTime64(3, 'UTC')) | UTC | Until when

SELECT
    severity, rule, title, status, arn, resource_name, resource_type, account_id, region, marqo_customer AS customer, toJSONString(evidence) AS evidence,
    first_seen, last_seen, resolved_at, resolution, reopened, exempt_reason, exempt_author, exempt_until
FROM polo.rule_violations
WHERE
    ({status:String} = 'all' OR status = {status:String})
    [[AND has({rule:Array(String)}, rule)]]
    [[AND has({severity:Array(String)}, severity)]]
    [[AND has({account:Array(String)}, account_id)]]
    [[AND has({region:Array(String)}, region)]]
    [[AND has({resource_type:Array(String)}, resource_type)]]
    [[AND has({customer:Array(String)}, if(marqo_customer = '', '(none)', marqo_customer))]]
ORDER BY indexOf(['critical', 'high', 'medium', 'low'], severity), first_seen DESC, rule, arn
LIMIT {limit:UInt32} + 1
