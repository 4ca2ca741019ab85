-- rule_answers_mv notes when answers change. Each server of a cluster runs its own, and forgets its schedule when it
-- restarts: a change that is noted twice or late counts once, and what the rules answer is never read from its table.
--
-- A server that has just started waits for the next time, because it may be there for one question. It does not plan
-- polo.rule_changes then: merge() opens only the table that it is told to, and the rows that are there are no later than themselves.

DROP VIEW IF EXISTS polo.rule_answers_mv{{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.rule_answers_mv{{on_cluster}} REFRESH AFTER 5 MINUTE APPEND TO polo.rule_answers
(
    rule LowCardinality(String), arn String, at DateTime64(3, 'UTC'), seen DateTime64(3, 'UTC'), answer LowCardinality(String), reason LowCardinality(String), rule_version UInt32,
    severity LowCardinality(String), title LowCardinality(String), account_id LowCardinality(String), region LowCardinality(String), service LowCardinality(String),
    resource_type LowCardinality(String), resource_name String, marqo_customer LowCardinality(String), evidence Map(LowCardinality(String), String)
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT rule, arn, at, seen, answer, reason, rule_version, severity, title, account_id, region, service, resource_type, resource_name, marqo_customer, evidence
FROM merge('polo', (SELECT if(uptime() < 60, '^rule_answers$', '^rule_changes$')))
WHERE at > (SELECT max(at) FROM polo.rule_answers)
COMMENT 'Internal: notes in rule_answers when answers of rules change'
