-- title: Resource without an owner
-- version: 1
-- group: ownership
-- severity: medium
-- text: Its cost can be charged to nobody, and nobody is asked before it is changed. A resource of which only calls tell, and no inventory yet, may have tags:
-- text: it is unknown.
-- remedy: Tag it, or what it is in, with its customer.
-- type: ec2:instance
-- type: ec2:volume
-- type: ec2:snapshot
-- type: ec2:natgateway
-- type: ec2:elastic-ip
-- type: rds:db
-- type: rds:cluster
-- type: s3:bucket
-- type: eks:cluster
-- type: ecs:service
-- type: elasticloadbalancing:loadbalancer
-- type: lambda:function
-- type: dynamodb:table
-- type: elasticache:replicationgroup
-- type: elasticache:cluster
-- type: redshift:cluster
-- type: elasticfilesystem:file-system
-- type: sqs:queue
-- type: sns:topic
-- param: roles Array(String) | max 100 | items 20 | Only in accounts with one of these roles; empty is all
-- column: tags String | The tags that it has

SELECT
    if(marqo_customer = '' AND NOT arrayExists(k -> k NOT IN ('event_id', 'event_name', 'event_source', 'request_id'), mapKeys(properties)), NULL, marqo_customer = '' AND (empty({roles:Array(String)}) OR has({roles:Array(String)}, toString(account_role)))) AS violated,
    arrayStringConcat(mapKeys(tags), ', ') AS tags
FROM polo.rule_resources
