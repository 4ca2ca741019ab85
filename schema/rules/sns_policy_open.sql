-- title: Topic open to everybody
-- version: 1
-- group: security
-- severity: high
-- text: A statement allows every principal, and no condition narrows it to an account, an organisation, a network or a source. Conditions that hold where
-- text: their key is missing (IfExists, ForAllValues) or for every value narrow nothing.
-- remedy: Name the principals, or add aws:SourceAccount or aws:SourceArn.
-- type: sns:topic
-- need: policy
-- column: statements String | The open statements, as JSON

SELECT
    notEmpty(open_statements) AS violated,
    arrayStringConcat(open_statements, ', ') AS statements
FROM polo.rule_resources
