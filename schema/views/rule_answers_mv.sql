-- rule_answers_mv notes when answers change. Each server of a cluster runs its own, and forgets its schedule when it
-- restarts: a change that is noted twice or late counts once, and what the rules answer is never read from its table.

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.rule_answers_mv{{on_cluster}} REFRESH AFTER 5 MINUTE APPEND TO polo.rule_answers
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT * FROM polo.rule_changes;

ALTER TABLE polo.rule_answers_mv{{on_cluster}} MODIFY COMMENT 'Internal: notes in rule_answers when answers of rules change'
