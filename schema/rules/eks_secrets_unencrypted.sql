-- title: Cluster that does not encrypt its secrets with a key of yours
-- version: 1
-- group: security
-- severity: medium
-- text: Who can read the disks of etcd can read the secrets; no key can be taken away.
-- remedy: Associate an encryption configuration.
-- type: eks:cluster
-- need: platform_version
-- read: encryption_config
-- column: version String | Version of Kubernetes

SELECT
    NOT has(arrayFlatten(arrayMap(x -> JSONExtract(x, 'Resources', 'Array(String)'), JSONExtractArrayRaw(properties['encryption_config']))), 'secrets') AS violated,
    properties['version'] AS version
FROM polo.rule_resources
