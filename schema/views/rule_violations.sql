-- rule_violations: each violation of a rule: what the rules answer at this moment, with when it was first seen, when and why
-- it ended, how often it came back, and whether it is exempt. rule_answers gives the times, which are those of what was seen of the
-- resource; the answer is live, so that it is never behind.

CREATE OR REPLACE VIEW polo.rule_violations{{on_cluster}}
(
    rule String COMMENT 'Rule: polo rules --explain says what it judges',
    rule_version UInt32 COMMENT 'Version of the rule',
    title String COMMENT 'What is wrong, in a line',
    severity String COMMENT 'critical, high, medium or low',
    status String COMMENT 'open, exempt, unknown (it was violated, and cannot be judged at present) or resolved',
    arn String COMMENT 'Key of the resource, or customer: and a name',
    account_id String COMMENT 'Account, with its leading zeros',
    region String COMMENT 'Region: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    evidence Map(String, String) COMMENT 'What shows it, by name',
    first_seen DateTime64(3, 'UTC') COMMENT 'When it was first violated, as far as is known, UTC',
    last_seen DateTime64(3, 'UTC') COMMENT 'When the resource was last seen so, UTC; of a resolved one, when it was found resolved',
    resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was found resolved, UTC; NULL if it is not',
    resolution String COMMENT 'fixed, deleted (the resource is gone) or withdrawn (the rule does not judge it any more)',
    reopened UInt64 COMMENT 'How often it came back after having been resolved',
    exempt_reason String COMMENT 'Why it is exempt',
    exempt_author String COMMENT 'Who exempted it',
    exempt_until Nullable(DateTime64(3, 'UTC')) COMMENT 'Until when, UTC; NULL if it is not exempt'
)
AS WITH
    (
        SELECT groupArray((rule, account_id, pattern, reason, author, expires))
        FROM polo.rule_exemptions FINAL
        WHERE NOT revoked AND expires > now64(3, 'UTC')
    ) AS exemptions
SELECT
    rule, rule_version, title, severity,
    multiIf(live = 'violated' AND exemption.4 != '', 'exempt', live = 'violated', 'open', live = 'unknown', 'unknown', 'resolved') AS status,
    arn, account_id, region, service, resource_type, resource_name, marqo_customer, evidence,
    if(notEmpty(opened), opened[1], live_ts) AS first_seen,
    multiIf(status != 'resolved', live_ts, ifNull(resolved_at, live_ts)) AS last_seen,
    if(status != 'resolved', NULL, multiIf(turns[-1].2 != 'violated', turns[-1].4, live = 'clean', live_ts, now64(3, 'UTC'))) AS resolved_at,
    multiIf(status != 'resolved', '', turns[-1].2 != 'violated', turns[-1].3, live = 'clean', 'fixed', arn GLOBAL IN (SELECT arn FROM polo.resources_current), 'withdrawn', 'deleted') AS resolution,
    toUInt64(length(opened) - if(notEmpty(opened), 1, 0) + if(notEmpty(turns) AND live = 'violated' AND turns[-1].2 != 'violated', 1, 0)) AS reopened,
    exemption.4 AS exempt_reason, exemption.5 AS exempt_author, if(exemption.4 = '', NULL, exemption.6) AS exempt_until
FROM
(
    SELECT
        *,
        arrayFirst(e -> e.1 IN ('*', rule) AND e.2 IN ('', account_id) AND (e.3 = '' OR like(arn, replaceAll(replaceAll(replaceAll(e.3, '\\', '\\\\'), '_', '\\_'), '*', '%'))), exemptions) AS exemption,
        -- Of equal answers in a row the first counts.
        arrayFilter((t, i) -> i = 1 OR t.2 != noted[i - 1].2, noted, arrayEnumerate(noted)) AS turns, {{- /* mutant:notes-count-twice */}}
        arrayMap(t -> t.4, arrayFilter(t -> t.2 = 'violated', turns)) AS opened
    FROM
    (
        SELECT
            rule, arn, max(f.live) AS live, max(f.live_ts) AS live_ts, arraySort(arrayFlatten(groupArray(f.noted))) AS noted,
            argMax(f.rule_version, f.live) AS rule_version, argMax(f.severity, f.live) AS severity, argMax(f.title, f.live) AS title,
            argMax(f.account_id, f.live) AS account_id, argMax(f.region, f.live) AS region, argMax(f.service, f.live) AS service,
            argMax(f.resource_type, f.live) AS resource_type, argMax(f.resource_name, f.live) AS resource_name, argMax(f.marqo_customer, f.live) AS marqo_customer,
            argMax(f.evidence, f.live) AS evidence
        FROM
        (
            SELECT
                rule, arn, answer AS live, last_ts AS live_ts, CAST([], 'Array(Tuple(DateTime64(3, \'UTC\'), String, String, DateTime64(3, \'UTC\')))') AS noted, version AS rule_version, severity, title, toString(account_id) AS account_id, toString(region) AS region, toString(service) AS service,
                toString(resource_type) AS resource_type, resource_name, marqo_customer, evidence
            FROM polo.rule_findings
            WHERE answer = 'violated' OR (rule, arn) GLOBAL IN (SELECT toString(rule), arn FROM polo.rule_answers)
            UNION ALL
            SELECT
                toString(rule) AS rule, arn, '' AS live, toDateTime64(0, 3, 'UTC') AS live_ts, groupArray((at, toString(answer), toString(reason), seen)) AS noted, argMax(rule_version, at) AS rule_version, toString(argMax(severity, at)) AS severity,
                toString(argMax(title, at)) AS title, toString(argMax(account_id, at)) AS account_id, toString(argMax(region, at)) AS region, toString(argMax(service, at)) AS service,
                toString(argMax(resource_type, at)) AS resource_type, argMax(resource_name, at) AS resource_name, toString(argMax(marqo_customer, at)) AS marqo_customer, CAST(argMax(evidence, at), 'Map(String, String)') AS evidence
            FROM polo.rule_answers
            GROUP BY rule, arn
        ) AS f
        GROUP BY rule, arn
    )
)
COMMENT 'One row for each resource that violates a rule, or did: since when, whether it is open, exempt, unknown or resolved and why, what shows it'
