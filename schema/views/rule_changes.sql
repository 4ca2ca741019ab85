-- rule_changes: where a rule's answer is violated and was not when last noted, or no longer is. A resource that cannot
-- be judged any more stays violated.

CREATE OR REPLACE VIEW polo.rule_changes{{on_cluster}}
AS SELECT
    toLowCardinality(rule) AS rule, arn, now64(3, 'UTC') AS at,
    if(live IN ('violated', 'clean') AND resource_type != 'polo:customer', last_ts, at) AS seen,
    toLowCardinality(if(live = 'violated', 'violated', 'clean')) AS answer,
    toLowCardinality(multiIf(live = 'violated', '', live = 'clean', 'fixed', arn GLOBAL IN (SELECT arn FROM polo.resources_current), 'withdrawn', 'deleted')) AS reason,
    rule_version, severity, title, account_id, region, service, resource_type, resource_name, marqo_customer, evidence
FROM
(
    SELECT
        rule, arn, max(f.live) AS live, max(f.stored) AS stored, max(f.last_ts) AS last_ts,
        argMax(f.rule_version, f.live) AS rule_version, argMax(f.severity, f.live) AS severity, argMax(f.title, f.live) AS title,
        argMax(f.account_id, f.live) AS account_id, argMax(f.region, f.live) AS region, argMax(f.service, f.live) AS service,
        argMax(f.resource_type, f.live) AS resource_type, argMax(f.resource_name, f.live) AS resource_name, argMax(f.marqo_customer, f.live) AS marqo_customer,
        argMax(f.evidence, f.live) AS evidence
    FROM
    (
        SELECT
            rule, arn, answer AS live, '' AS stored, last_ts, version AS rule_version, toLowCardinality(severity) AS severity, toLowCardinality(title) AS title, account_id, region, service,
            resource_type, resource_name, toLowCardinality(marqo_customer) AS marqo_customer, CAST(evidence, 'Map(LowCardinality(String), String)') AS evidence
        FROM polo.rule_findings
        WHERE answer != 'clean' OR (rule, arn) GLOBAL IN (SELECT toString(rule), arn FROM polo.rule_answers)
        UNION ALL
        SELECT
            toString(rule) AS rule, arn, '' AS live, toString(argMax(answer, (at, answer))) AS stored, toDateTime64(0, 3, 'UTC') AS last_ts, argMax(rule_version, at) AS rule_version, argMax(severity, at) AS severity,
            argMax(title, at) AS title, argMax(account_id, at) AS account_id, argMax(region, at) AS region, argMax(service, at) AS service,
            argMax(resource_type, at) AS resource_type, argMax(resource_name, at) AS resource_name, argMax(marqo_customer, at) AS marqo_customer, argMax(evidence, at) AS evidence
        FROM polo.rule_answers
        GROUP BY rule, arn
    ) AS f
    GROUP BY rule, arn
)
WHERE live = 'violated' AND stored != 'violated' OR stored = 'violated' AND live IN ('clean', '')
COMMENT 'Internal: the changes that rule_answers does not have'
