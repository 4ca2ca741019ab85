-- rules: what is said of rules by hand, and what they answered.
--
-- rule_settings: values of a rule's parameters, and whether it judges. rule_exemptions: what a rule is not
-- held against. Both are few rows, whole in every shard; the latest row of a key counts.
--
-- rule_answers: each time that a rule's answer about a resource became violated, or stopped being so: when it was noted, and
-- when the resource was last seen then. It is
-- written by rule_answers_mv, from what the rules answer at that moment (rule_changes); the answer itself is never read
-- from here. A change noted twice, by two servers or by a run that was repeated, counts once: of equal answers in
-- a row the first counts.

CREATE TABLE IF NOT EXISTS polo.rule_settings{{on_cluster}}
(
    rule String COMMENT 'Rule',
    parameter String COMMENT 'Its parameter, or enabled',
    value String COMMENT 'The value; empty is the default of the rule',
    author String COMMENT 'Who set it',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was set, UTC; the latest counts',
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) COMMENT 'Which row counts, the greatest'
)
ENGINE = {{global_engine "rule_settings" "version"}}
ORDER BY (rule, parameter){{settings}};

ALTER TABLE polo.rule_settings{{on_cluster}} MODIFY COMMENT 'Parameters of rules set by hand; one row for each with FINAL';

CREATE TABLE IF NOT EXISTS polo.rule_exemptions{{on_cluster}}
(
    rule String COMMENT 'Rule; * for all',
    account_id String COMMENT 'Account that is exempt; empty for any',
    pattern String COMMENT 'ARNs that are exempt: * stands for any text; empty for any',
    reason String COMMENT 'Why',
    author String COMMENT 'Who decided it',
    expires DateTime64(3, 'UTC') COMMENT 'Until when, UTC',
    revoked Bool COMMENT 'Whether it was taken back',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was written, UTC; the latest of a rule, account and pattern counts',
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) COMMENT 'Which row counts, the greatest'
)
ENGINE = {{global_engine "rule_exemptions" "version"}}
ORDER BY (rule, account_id, pattern){{settings}};

ALTER TABLE polo.rule_exemptions{{on_cluster}} MODIFY COMMENT 'What rules are not held against, by hand: reason, author, expiry; one row for each with FINAL';

CREATE TABLE IF NOT EXISTS polo.rule_answers{{on_cluster}}
(
    rule LowCardinality(String),
    arn String CODEC(ZSTD(1)),
    at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    seen DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    answer LowCardinality(String),
    reason LowCardinality(String),
    rule_version UInt32,
    severity LowCardinality(String),
    title LowCardinality(String),
    account_id LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    evidence Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(at)), 22)
)
ENGINE = {{global_engine "rule_answers" "version"}}
ORDER BY (rule, arn, at, answer){{settings}};

ALTER TABLE polo.rule_answers{{on_cluster}} MODIFY COMMENT 'Internal: when the answers of rules changed, behind rule_violations';
