-- title: Production database without deletion protection
-- version: 1
-- group: reliability
-- severity: high
-- text: One call deletes it.
-- remedy: Turn on deletion protection.
-- type: rds:db
-- type: rds:cluster
-- need: deletion_protection
-- param: roles Array(String) | default production | max 100 | items 20 | Roles of accounts that are production
-- column: engine String | Engine
-- column: role String | Role of the account

SELECT
    has({roles:Array(String)}, toString(account_role)) AND properties['deletion_protection'] = 'false' AS violated,
    properties['engine'] AS engine,
    toString(account_role) AS role
FROM polo.rule_resources
