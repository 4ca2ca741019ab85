-- title: Production database without deletion protection
-- version: 1
-- group: reliability
-- severity: high
-- text: One call deletes it. An instance of a cluster is protected by its cluster, and judged with it.
-- remedy: Turn on deletion protection.
-- type: rds:db
-- type: rds:cluster
-- need: deletion_protection
-- read: rds:db db_cluster_identifier
-- param: roles Array(String) | default production | max 100 | items 20 | Roles of accounts that are production
-- column: engine String | Engine
-- column: role String | Role of the account

SELECT
    if(properties['db_cluster_identifier'] != '' AND resource_type = 'rds:db', false, has({roles:Array(String)}, toString(account_role)) AND properties['deletion_protection'] = 'false') AS violated,
    properties['engine'] AS engine,
    toString(account_role) AS role
FROM polo.rule_resources
