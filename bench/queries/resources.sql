INSERT INTO resource_events (ts, event_id, version, event_type, source, observed_at, arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index, state, ancestors, `relations.type`, `relations.target_arn`, tags, properties)
SELECT
    toDateTime64(today() - {ago:UInt32}, 3, 'UTC') + toIntervalHour(6) AS ts, reinterpretAsUUID(sipHash128(number, {ago:UInt32})), 1, 'resource.snapshot', 'aws.inventory', ts,
    concat('arn:aws:ec2:', region, ':', account_id, ':', type, '/x-', lower(hex(number))), 'aws',
    leftPad(toString(kind % 20), 12, '0') AS account_id, if(kind % 3 = 0, 'production', 'staging'), ['eu-west-1', 'us-east-1', 'us-west-2', 'ap-south-1', 'eu-central-1'][intDiv(kind, 20) % 5 + 1] AS region,
    'ec2', concat('ec2:', type), concat('x-', lower(hex(number))), concat('name', toString(number)),
    if(kind % 10 < 7, concat('customer', toString(intDiv(kind, 7) % 50)), ''), if(kind % 10 < 7, concat('cluster', toString(intDiv(kind, 7) % 200)), ''), '', if((number + {ago:UInt32}) % 500 = 0, 'stopped', 'running'),
    [concat('arn:aws:ec2:eu-west-1:000000000000:subnet/subnet-', toString(kind % 300)), concat('arn:aws:ec2:eu-west-1:000000000000:vpc/vpc-', toString(kind % 30)), concat('arn:aws:iam::', account_id, ':root')],
    ['attached_to', 'uses_role'], [concat('arn:aws:ec2:', region, ':', account_id, ':instance/x-', lower(hex(intDiv(number, 2)))), concat('arn:aws:iam::', account_id, ':role/r', toString(kind % 100))],
    map('team', concat('team', toString(kind % 12)), 'Name', concat('name', toString(number)), 'env', if(kind % 3 = 0, 'production', 'staging')),
    map('size', toString(kind % 7), 'image', concat('ami-', toString(kind % 50)), 'encrypted', 'true', 'az', concat(region, 'a'), 'options', '{"monitoring":true,"groups":["sg-1","sg-2"]}')
FROM (SELECT number, cityHash64(number) % 1500 AS kind, ['instance', 'volume', 'network-interface', 'snapshot', 'security-group'][cityHash64(number, 'type') % 5 + 1] AS type FROM numbers({resources:UInt64}))
