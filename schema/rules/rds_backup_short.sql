-- title: Database with short backups
-- version: 1
-- group: reliability
-- severity: medium
-- text: A mistake found after the backups have gone cannot be undone. A replica is backed up with its source, and an instance of a cluster with its cluster.
-- remedy: Keep automated backups for longer.
-- type: rds:db
-- type: rds:cluster
-- need: backup_retention_period
-- read: rds:db db_cluster_identifier
-- param: days UInt16 | default 7 | min 1 | max 35 | Backups are kept for fewer days
-- column: backup_retention_period String | days | How long backups are kept

SELECT
    if(resource_type = 'rds:db' AND (properties['db_cluster_identifier'] != '' OR arrayExists(x -> x.1 = 'created_from', relations)), false, toInt32OrNull(properties['backup_retention_period']) < {days:UInt16}) AS violated,
    properties['backup_retention_period'] AS backup_retention_period
FROM polo.rule_resources
