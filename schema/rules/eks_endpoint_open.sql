-- title: Cluster whose API answers the world
-- version: 1
-- group: security
-- severity: high
-- text: Only authentication stands between the internet and the cluster.
-- remedy: Name the addresses that may reach it, or make it private.
-- type: eks:cluster
-- need: endpoint_public_access
-- read: public_access_cidrs
-- column: public_access_cidrs String | Addresses that may reach it, as JSON

SELECT
    properties['endpoint_public_access'] = 'true' AND (properties['public_access_cidrs'] = '' OR hasAny(JSONExtract(properties['public_access_cidrs'], 'Array(String)'), ['0.0.0.0/0', '::/0'])) AS violated,
    properties['public_access_cidrs'] AS public_access_cidrs
FROM polo.rule_resources
