-- title: Production table without deletion protection
-- version: 1
-- group: reliability
-- severity: medium
-- text: One call deletes it.
-- remedy: Turn on deletion protection.
-- type: dynamodb:table
-- need: table_id
-- read: deletion_protection_enabled
-- param: roles Array(String) | default production | max 100 | items 20 | Roles of accounts that are production
-- column: item_count String | items | What it holds
-- column: role String | Role of the account

SELECT
    has({roles:Array(String)}, toString(account_role)) AND properties['deletion_protection_enabled'] != 'true' AS violated,
    properties['item_count'] AS item_count,
    toString(account_role) AS role
FROM polo.rule_resources
