-- title: How the rules judge a resource
-- group: inventory
-- text: Each rule that judges a resource, or did: open and exempt violations, what it cannot judge and why, resolved ones, and what is clean.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- rows: 100 1000
-- cache: 30
-- column: rule String | Rule: polo rules --explain RULE
-- column: severity String | critical, high, medium or low
-- column: title String | What is wrong if it is violated
-- column: status String | open, exempt, unknown, resolved or clean
-- column: evidence String | What shows it, as JSON; {} for none
-- column: missing Array(String) | What the rule needs and nobody read, where it is unknown
-- column: first_seen Nullable(DateTime64(3, 'UTC')) | UTC | When it was first violated, as far as is known; null if it never was
-- column: resolved_at Nullable(DateTime64(3, 'UTC')) | UTC | When it was found resolved
-- column: resolution String | fixed, deleted or withdrawn
-- column: reopened UInt64 | times | How often it came back
-- column: exempt_reason String | Why it is exempt
-- column: exempt_author String | Who exempted it
-- column: exempt_until Nullable(DateTime64(3, 'UTC')) | UTC | Until when

SELECT
    j.rule AS rule, max(j.severity) AS severity, max(j.title) AS title, argMax(j.status, j.noted) AS status, toJSONString(argMax(j.evidence, (notEmpty(j.evidence), j.noted))) AS evidence,
    argMax(j.missing, notEmpty(j.missing)) AS missing, max(j.first_seen) AS first_seen, max(j.resolved_at) AS resolved_at, max(j.resolution) AS resolution,
    max(j.reopened) AS reopened, max(j.exempt_reason) AS exempt_reason, max(j.exempt_author) AS exempt_author, max(j.exempt_until) AS exempt_until
FROM
(
    SELECT
        rule, severity, title, false AS noted, answer AS status, evidence, missing, NULL::Nullable(DateTime64(3, 'UTC')) AS first_seen,
        NULL::Nullable(DateTime64(3, 'UTC')) AS resolved_at, '' AS resolution, toUInt64(0) AS reopened, '' AS exempt_reason, '' AS exempt_author, NULL::Nullable(DateTime64(3, 'UTC')) AS exempt_until
    FROM polo.rule_findings
    WHERE arn = {arn:String} AND answer != 'violated'
    UNION ALL
    SELECT
        rule, severity, title, true AS noted, status, evidence, CAST([], 'Array(String)') AS missing, toNullable(first_seen) AS first_seen,
        resolved_at, resolution, reopened, exempt_reason, exempt_author, exempt_until
    FROM polo.rule_violations
    WHERE arn = {arn:String}
) AS j
GROUP BY rule
ORDER BY indexOf(['open', 'exempt', 'unknown', 'resolved', 'clean'], status), indexOf(['critical', 'high', 'medium', 'low'], severity), rule
LIMIT {limit:UInt32} + 1
