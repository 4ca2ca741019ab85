-- rule_findings: what each rule answers about each resource that it judges, at this moment.
--
-- Made of schema/rules by go test ./schema/rules -run TestView -update.

CREATE OR REPLACE VIEW polo.rule_findings{{on_cluster}}
(
    rule String COMMENT 'Rule: polo rules --explain says what it judges',
    version UInt32 COMMENT 'Version of the rule',
    answer String COMMENT 'violated, clean, or unknown where what the rule needs was not read',
    severity String COMMENT 'critical, high, medium or low',
    title String COMMENT 'What is wrong if it is violated, in a line',
    arn String COMMENT 'Key of the resource, or customer: and a name',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    account_id String COMMENT 'Account, with its leading zeros',
    account_role String COMMENT 'What the account is for at present: production, staging',
    region String COMMENT 'Region: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'Id in its service',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster String COMMENT 'Cluster it belongs to, from its tags',
    marqo_index String COMMENT 'Index it belongs to, from its tags',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event of the resource, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of its last event, UTC',
    evidence Map(String, String) COMMENT 'What the rule found, by name',
    missing Array(String) COMMENT 'What the rule needs and nobody read: properties of the resource, and types that were not read to their end'
)
AS WITH (SELECT CAST(groupArray((concat(rule, '.', parameter), value)), 'Map(String, String)') FROM polo.rule_settings FINAL WHERE value != '') AS settings
SELECT
    finding.1 AS rule,
    toUInt32(transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0)) AS version,
    multiIf(notEmpty(finding.4) OR finding.2 IS NULL, 'unknown', finding.2 = 1, 'violated', 'clean') AS answer,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['high', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'medium', 'low', 'low', 'high', 'medium', 'critical', 'medium', 'high', 'low', 'low', 'medium', 'high', 'medium', 'medium', 'critical', 'low', 'low', 'medium', 'medium', 'high', 'critical', 'high', 'high', 'high', 'critical', 'high', 'medium', 'critical', 'critical', 'high', 'high', 'medium', 'high', 'medium', 'medium', 'high', 'low', 'medium', 'medium', 'low'], '') AS severity,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['Customer over budget', 'Volume of an old generation', 'Old snapshot that no image uses', 'Volume attached to nothing', 'Instance stopped for long', 'Address associated with nothing', 'Network interface attached to nothing', 'Load balancer without targets', 'Logs kept for ever', 'NAT gateway that no route leads to', 'Old manual snapshot of a database', 'Secret that nobody reads', 'Image that everybody may launch', 'Distribution that answers without TLS', 'Table open to everybody', 'Volume not encrypted', 'Instance answers IMDSv1', 'Instance without an instance profile', 'Repository whose images are not scanned', 'File system not encrypted', 'Cluster whose API answers the world', 'Cluster that does not encrypt its secrets with a key of yours', 'Cache not encrypted', 'Role open to everybody', 'Role that nobody uses', 'Key that is not rotated', 'Function on a runtime that has ended', 'Launch template allows IMDSv1', 'Database with a public address', 'Snapshot of a database that everybody may restore', 'Database not encrypted', 'Warehouse with a public address', 'Warehouse not encrypted', 'Bucket open to everybody', 'Bucket without the whole public access block', 'Bucket without default encryption', 'Secret open to everybody', 'Security group opens administration to the world', 'Topic open to everybody', 'Queue open to everybody', 'VPC without a flow log', 'Certificate about to expire', 'Production table without deletion protection', 'Database with short backups', 'Production database without deletion protection', 'Target group of a load balancer without targets', 'Resource of one owner attached to one of another', 'Resource without an owner', 'Security group that nothing uses'], '') AS title,
    judged.arn AS arn,
    judged.platform AS platform,
    judged.account_id AS account_id,
    judged.account_role AS account_role,
    judged.region AS region,
    judged.service AS service,
    judged.resource_type AS resource_type,
    judged.resource_id AS resource_id,
    judged.resource_name AS resource_name,
    judged.marqo_customer AS marqo_customer,
    judged.marqo_cluster AS marqo_cluster,
    judged.marqo_index AS marqo_index,
    judged.first_ts AS first_ts,
    judged.last_ts AS last_ts,
    finding.3 AS evidence, finding.4 AS missing
FROM
(
    SELECT
        arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, first_ts, last_ts,
        arrayJoin(arrayConcat(
            multiIf(
                resource_type = 'acm:certificate',
                [
                    ('acm_expiring', CAST(if(state NOT IN ('ISSUED', 'EXPIRED'), false, parseDateTime64BestEffortOrNull(properties['not_after'], 3, 'UTC') < now64(3, 'UTC') + toIntervalDay(toUInt16(if(settings['acm_expiring.days'] = '', '30', settings['acm_expiring.days'])))), 'Nullable(UInt8)'), map('not_after', toString(properties['not_after']), 'domain_name', toString(properties['domain_name']), 'in_use_by', toString(properties['in_use_by'])), arrayFilter(n -> NOT mapContains(properties, n), ['not_after']))
                ],
                resource_type = 'cloudfront:distribution',
                [
                    ('cloudfront_http', CAST(properties['viewer_protocol_policy'] = 'allow-all', 'Nullable(UInt8)'), map('domain_name', toString(properties['domain_name']), 'viewer_protocol_policy', toString(properties['viewer_protocol_policy'])), arrayFilter(n -> NOT mapContains(properties, n), ['viewer_protocol_policy']))
                ],
                resource_type = 'dynamodb:table',
                [
                    ('dynamodb_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['policy'])),
                    ('dynamodb_unprotected', CAST(has(arrayFilter(v -> v != '', splitByChar(',', if(settings['dynamodb_unprotected.roles'] = '', 'production', settings['dynamodb_unprotected.roles']))), toString(account_role)) AND properties['deletion_protection_enabled'] != 'true', 'Nullable(UInt8)'), map('item_count', toString(properties['item_count']), 'role', toString(toString(account_role))), arrayFilter(n -> NOT mapContains(properties, n), ['table_id']))
                ],
                resource_type = 'ec2:elastic-ip',
                [
                    ('eip_idle', CAST(properties['association_id'] = '' AND empty(relations), 'Nullable(UInt8)'), map('public_ip', toString(properties['public_ip'])), arrayFilter(n -> NOT mapContains(properties, n), ['public_ip']))
                ],
                resource_type = 'ec2:image',
                [
                    ('ami_public', CAST(properties['public'] = 'true', 'Nullable(UInt8)'), map('creation_date', toString(properties['creation_date'])), arrayFilter(n -> NOT mapContains(properties, n), ['public']))
                ],
                resource_type = 'ec2:instance',
                [
                    ('ec2_stopped_long', CAST(if(state != 'stopped', false, parseDateTime64BestEffortOrNull(extract(properties['state_transition_reason'], '\\((\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)'), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['ec2_stopped_long.days'] = '', '30', settings['ec2_stopped_long.days'])))), 'Nullable(UInt8)'), map('state_transition_reason', toString(properties['state_transition_reason'])), arrayFilter(n -> NOT mapContains(properties, n), ['instance_type'])),
                    ('ec2_imdsv1', CAST(state NOT IN ('terminated', 'shutting-down') AND JSONExtractString(properties['metadata_options'], 'HttpTokens') != 'required' AND JSONExtractString(properties['metadata_options'], 'HttpEndpoint') != 'disabled', 'Nullable(UInt8)'), map('http_tokens', toString(JSONExtractString(properties['metadata_options'], 'HttpTokens'))), arrayFilter(n -> NOT mapContains(properties, n), ['metadata_options'])),
                    ('ec2_no_instance_profile', CAST(state NOT IN ('terminated', 'shutting-down') AND properties['iam_instance_profile'] = '' AND NOT arrayExists(x -> x.1 = 'uses_role', relations), 'Nullable(UInt8)'), map('instance_type', toString(properties['instance_type'])), arrayFilter(n -> NOT mapContains(properties, n), ['instance_type']))
                ],
                resource_type = 'ec2:launch-template',
                [
                    ('launch_template_imdsv1', CAST(JSONExtractString(properties['metadata_options'], 'HttpTokens') != 'required' AND JSONExtractString(properties['metadata_options'], 'HttpEndpoint') != 'disabled', 'Nullable(UInt8)'), map('http_tokens', toString(JSONExtractString(properties['metadata_options'], 'HttpTokens')), 'version_number', toString(properties['version_number'])), arrayFilter(n -> NOT mapContains(properties, n), ['version_number']))
                ],
                resource_type = 'ec2:natgateway',
                [
                    ('nat_unrouted', CAST(state = 'available' AND NOT has(arrayMap(u -> u.1, used_by), 'routes_to'), 'Nullable(UInt8)'), map('create_time', toString(properties['create_time'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['vpc_id']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:route-table'])))
                ],
                resource_type = 'ec2:network-interface',
                [
                    ('eni_unattached', CAST(state = 'available', 'Nullable(UInt8)'), map('description', toString(properties['description'])), arrayFilter(n -> NOT mapContains(properties, n), ['private_ip_address']))
                ],
                resource_type = 'ec2:security-group',
                [
                    ('sg_open_admin', CAST(notEmpty(arrayFilter(
        p -> hasAny(arrayConcat(
                arrayMap(x -> JSONExtractString(x, 'CidrIp'), JSONExtractArrayRaw(p, 'IpRanges')),
                arrayMap(x -> JSONExtractString(x, 'CidrIpv6'), JSONExtractArrayRaw(p, 'Ipv6Ranges'))),
            ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2000::/3'])
            AND (JSONExtractString(p, 'IpProtocol') = '-1'
                OR JSONExtractString(p, 'IpProtocol') IN ('tcp', '6') AND (NOT JSONHas(p, 'FromPort')
                    OR arrayExists(n -> toInt32OrZero(n) BETWEEN JSONExtractInt(p, 'FromPort') AND JSONExtractInt(p, 'ToPort'), arrayFilter(v -> v != '', splitByChar(',', if(settings['sg_open_admin.ports'] = '', '22,3389,3306,5432,1433,1521,6379,27017,9200,11211,5985,5986,2375,2376', settings['sg_open_admin.ports'])))))),
        JSONExtractArrayRaw(properties['ip_permissions']))), 'Nullable(UInt8)'), map('open', toString(arrayStringConcat(arrayFilter(
        p -> hasAny(arrayConcat(
                arrayMap(x -> JSONExtractString(x, 'CidrIp'), JSONExtractArrayRaw(p, 'IpRanges')),
                arrayMap(x -> JSONExtractString(x, 'CidrIpv6'), JSONExtractArrayRaw(p, 'Ipv6Ranges'))),
            ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2000::/3'])
            AND (JSONExtractString(p, 'IpProtocol') = '-1'
                OR JSONExtractString(p, 'IpProtocol') IN ('tcp', '6') AND (NOT JSONHas(p, 'FromPort')
                    OR arrayExists(n -> toInt32OrZero(n) BETWEEN JSONExtractInt(p, 'FromPort') AND JSONExtractInt(p, 'ToPort'), arrayFilter(v -> v != '', splitByChar(',', if(settings['sg_open_admin.ports'] = '', '22,3389,3306,5432,1433,1521,6379,27017,9200,11211,5985,5986,2375,2376', settings['sg_open_admin.ports'])))))),
        JSONExtractArrayRaw(properties['ip_permissions'])), ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['group_name'])),
                    ('sg_unused', CAST(properties['group_name'] != 'default' AND empty(used_by), 'Nullable(UInt8)'), map('description', toString(properties['description'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['group_name']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:network-interface'])))
                ],
                resource_type = 'ec2:snapshot',
                [
                    ('ebs_snapshot_old', CAST(if(has(arrayMap(u -> u.2, used_by), 'ec2:image'), false, parseDateTime64BestEffortOrNull(properties['start_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['ebs_snapshot_old.days'] = '', '365', settings['ebs_snapshot_old.days'])))), 'Nullable(UInt8)'), map('start_time', toString(properties['start_time']), 'volume_size', toString(properties['volume_size'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['start_time']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:image'])))
                ],
                resource_type = 'ec2:volume',
                [
                    ('ebs_old_generation', CAST(has(arrayFilter(v -> v != '', splitByChar(',', if(settings['ebs_old_generation.types'] = '', 'gp2,io1,standard', settings['ebs_old_generation.types']))), properties['volume_type']), 'Nullable(UInt8)'), map('volume_type', toString(properties['volume_type']), 'size', toString(properties['size'])), arrayFilter(n -> NOT mapContains(properties, n), ['volume_type'])),
                    ('ebs_unattached', CAST(state = 'available', 'Nullable(UInt8)'), map('size', toString(properties['size']), 'volume_type', toString(properties['volume_type'])), arrayFilter(n -> NOT mapContains(properties, n), ['volume_type'])),
                    ('ebs_unencrypted', CAST(properties['encrypted'] = 'false', 'Nullable(UInt8)'), map('size', toString(properties['size'])), arrayFilter(n -> NOT mapContains(properties, n), ['encrypted']))
                ],
                resource_type = 'ec2:vpc',
                [
                    ('vpc_no_flow_log', CAST(NOT has(arrayMap(u -> u.2, used_by), 'ec2:vpc-flow-log'), 'Nullable(UInt8)'), map('cidr_block', toString(properties['cidr_block']), 'is_default', toString(properties['is_default'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['cidr_block']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:vpc-flow-log'])))
                ],
                resource_type = 'ecr:repository',
                [
                    ('ecr_scan_off', CAST(properties['scan_on_push'] = 'false', 'Nullable(UInt8)'), map('repository_uri', toString(properties['repository_uri'])), arrayFilter(n -> NOT mapContains(properties, n), ['scan_on_push']))
                ],
                resource_type = 'eks:cluster',
                [
                    ('eks_endpoint_open', CAST(properties['endpoint_public_access'] = 'true' AND (properties['public_access_cidrs'] = '' OR hasAny(JSONExtract(properties['public_access_cidrs'], 'Array(String)'), ['0.0.0.0/0', '::/0'])), 'Nullable(UInt8)'), map('public_access_cidrs', toString(properties['public_access_cidrs'])), arrayFilter(n -> NOT mapContains(properties, n), ['endpoint_public_access'])),
                    ('eks_secrets_unencrypted', CAST(NOT has(arrayFlatten(arrayMap(x -> JSONExtract(x, 'Resources', 'Array(String)'), JSONExtractArrayRaw(properties['encryption_config']))), 'secrets'), 'Nullable(UInt8)'), map('version', toString(properties['version'])), arrayFilter(n -> NOT mapContains(properties, n), ['platform_version']))
                ],
                resource_type = 'elasticache:replicationgroup',
                [
                    ('elasticache_unencrypted', CAST(properties['at_rest_encryption_enabled'] = 'false', 'Nullable(UInt8)'), map('engine', toString(properties['engine'])), arrayFilter(n -> NOT mapContains(properties, n), ['at_rest_encryption_enabled']))
                ],
                resource_type = 'elasticfilesystem:file-system',
                [
                    ('efs_unencrypted', CAST(properties['encrypted'] = 'false', 'Nullable(UInt8)'), map('size_in_bytes', toString(properties['size_in_bytes'])), arrayFilter(n -> NOT mapContains(properties, n), ['encrypted']))
                ],
                resource_type = 'elasticloadbalancing:loadbalancer',
                [
                    ('lb_no_targets', CAST(NOT arrayExists(u -> u.2 = 'elasticloadbalancing:targetgroup' AND u.4, used_by) AND NOT arrayExists(x -> x.1 = 'attached_to' AND position(x.2, ':instance/') > 0, relations), 'Nullable(UInt8)'), map('scheme', toString(properties['scheme']), 'type', toString(properties['type'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['created_time']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['elasticloadbalancing:targetgroup'])))
                ],
                resource_type = 'elasticloadbalancing:targetgroup',
                [
                    ('target_group_empty', CAST(arrayExists(x -> x.1 = 'member_of', relations) AND properties['targets'] = 'none', 'Nullable(UInt8)'), map('protocol', toString(properties['protocol']), 'port', toString(properties['port'])), arrayFilter(n -> NOT mapContains(properties, n), ['targets']))
                ],
                resource_type = 'iam:role',
                [
                    ('iam_role_trust_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['assume_role_policy_document'])),
                    ('iam_role_unused', CAST(multiIf(startsWith(properties['path'], '/aws-service-role/') OR startsWith(properties['path'], '/aws-reserved/'), false, properties['last_used_date'] = '' AND mapContains(properties, 'max_session_duration'), NULL, parseDateTime64BestEffortOrNull(if(properties['last_used_date'] = '', properties['create_date'], properties['last_used_date']), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['iam_role_unused.days'] = '', '90', settings['iam_role_unused.days'])))), 'Nullable(UInt8)'), map('last_used_date', toString(properties['last_used_date']), 'create_date', toString(properties['create_date'])), arrayFilter(n -> NOT mapContains(properties, n), ['create_date', 'path']))
                ],
                resource_type = 'kms:key',
                [
                    ('kms_rotation_off', CAST(multiIf(properties['key_manager'] != 'CUSTOMER' OR properties['key_spec'] != 'SYMMETRIC_DEFAULT' OR properties['origin'] != 'AWS_KMS' OR state != 'Enabled', false, NOT mapContains(properties, 'key_rotation_enabled'), NULL, properties['key_rotation_enabled'] = 'false'), 'Nullable(UInt8)'), map('description', toString(properties['description'])), arrayFilter(n -> NOT mapContains(properties, n), ['key_manager', 'key_spec', 'origin']))
                ],
                resource_type = 'lambda:function',
                [
                    ('lambda_runtime_ended', CAST(properties['runtime'] != '' AND arrayExists(x -> splitByChar('=', x)[1] = properties['runtime'] AND toDateOrZero(splitByChar('=', x)[2]) <= today(), arrayFilter(v -> v != '', splitByChar(',', if(settings['lambda_runtime_ended.runtimes'] = '', 'python2.7=2021-07-15,python3.6=2022-07-18,python3.7=2023-12-04,python3.8=2024-10-14,python3.9=2025-12-15,python3.10=2026-10-31,python3.11=2027-06-30,nodejs=2016-10-31,nodejs4.3=2018-05-31,nodejs4.3-edge=2018-05-31,nodejs6.10=2019-08-12,nodejs8.10=2020-03-06,nodejs10.x=2021-07-30,nodejs12.x=2023-03-31,nodejs14.x=2023-12-04,nodejs16.x=2024-06-12,nodejs18.x=2025-09-01,nodejs20.x=2026-04-30,nodejs22.x=2027-04-30,ruby2.5=2021-07-30,ruby2.7=2023-12-07,ruby3.2=2026-03-31,java8=2024-01-08,go1.x=2024-01-08,provided=2024-01-08,provided.al2=2026-06-30,dotnetcore1.0=2019-06-27,dotnetcore2.0=2019-05-30,dotnetcore2.1=2022-01-05,dotnetcore3.1=2023-04-03,dotnet5.0=2022-05-10,dotnet6=2024-12-20,dotnet7=2024-05-14,dotnet8=2026-11-10', settings['lambda_runtime_ended.runtimes'])))), 'Nullable(UInt8)'), map('runtime', toString(properties['runtime']), 'ended', toString(splitByChar('=', arrayFirst(x -> startsWith(x, concat(properties['runtime'], '=')), arrayFilter(v -> v != '', splitByChar(',', if(settings['lambda_runtime_ended.runtimes'] = '', 'python2.7=2021-07-15,python3.6=2022-07-18,python3.7=2023-12-04,python3.8=2024-10-14,python3.9=2025-12-15,python3.10=2026-10-31,python3.11=2027-06-30,nodejs=2016-10-31,nodejs4.3=2018-05-31,nodejs4.3-edge=2018-05-31,nodejs6.10=2019-08-12,nodejs8.10=2020-03-06,nodejs10.x=2021-07-30,nodejs12.x=2023-03-31,nodejs14.x=2023-12-04,nodejs16.x=2024-06-12,nodejs18.x=2025-09-01,nodejs20.x=2026-04-30,nodejs22.x=2027-04-30,ruby2.5=2021-07-30,ruby2.7=2023-12-07,ruby3.2=2026-03-31,java8=2024-01-08,go1.x=2024-01-08,provided=2024-01-08,provided.al2=2026-06-30,dotnetcore1.0=2019-06-27,dotnetcore2.0=2019-05-30,dotnetcore2.1=2022-01-05,dotnetcore3.1=2023-04-03,dotnet5.0=2022-05-10,dotnet6=2024-12-20,dotnet7=2024-05-14,dotnet8=2026-11-10', settings['lambda_runtime_ended.runtimes'])))))[2]), 'last_modified', toString(properties['last_modified'])), arrayFilter(n -> NOT mapContains(properties, n), ['last_modified']))
                ],
                resource_type = 'logs:log-group',
                [
                    ('log_group_kept_forever', CAST(properties['retention_in_days'] = '' AND toUInt64OrZero(properties['stored_bytes']) >= toUInt64(if(settings['log_group_kept_forever.bytes'] = '', '0', settings['log_group_kept_forever.bytes'])), 'Nullable(UInt8)'), map('stored_bytes', toString(properties['stored_bytes'])), arrayFilter(n -> NOT mapContains(properties, n), ['creation_time']))
                ],
                resource_type = 'rds:cluster',
                [
                    ('rds_unencrypted', CAST(properties['storage_encrypted'] = 'false', 'Nullable(UInt8)'), map('engine', toString(properties['engine'])), arrayFilter(n -> NOT mapContains(properties, n), ['storage_encrypted'])),
                    ('rds_backup_short', CAST(if(resource_type = 'rds:db' AND (properties['db_cluster_identifier'] != '' OR arrayExists(x -> x.1 = 'created_from', relations)), false, toInt32OrNull(properties['backup_retention_period']) < toUInt16(if(settings['rds_backup_short.days'] = '', '7', settings['rds_backup_short.days']))), 'Nullable(UInt8)'), map('backup_retention_period', toString(properties['backup_retention_period'])), arrayFilter(n -> NOT mapContains(properties, n), ['backup_retention_period'])),
                    ('rds_unprotected', CAST(if(properties['db_cluster_identifier'] != '' AND resource_type = 'rds:db', false, has(arrayFilter(v -> v != '', splitByChar(',', if(settings['rds_unprotected.roles'] = '', 'production', settings['rds_unprotected.roles']))), toString(account_role)) AND properties['deletion_protection'] = 'false'), 'Nullable(UInt8)'), map('engine', toString(properties['engine']), 'role', toString(toString(account_role))), arrayFilter(n -> NOT mapContains(properties, n), ['deletion_protection']))
                ],
                resource_type = 'rds:cluster-snapshot',
                [
                    ('rds_snapshot_old', CAST(if(properties['snapshot_type'] != 'manual', false, parseDateTime64BestEffortOrNull(properties['snapshot_create_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['rds_snapshot_old.days'] = '', '180', settings['rds_snapshot_old.days'])))), 'Nullable(UInt8)'), map('snapshot_create_time', toString(properties['snapshot_create_time']), 'allocated_storage', toString(properties['allocated_storage'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type', 'snapshot_create_time'])),
                    ('rds_snapshot_public', CAST(multiIf(properties['snapshot_type'] != 'manual', false, NOT mapContains(properties, 'attributes'), NULL, arrayExists(a -> has(JSONExtract(a, 'AttributeValues', 'Array(String)'), 'all'), JSONExtractArrayRaw(properties['attributes']))), 'Nullable(UInt8)'), map('attributes', toString(properties['attributes'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type']))
                ],
                resource_type = 'rds:db',
                [
                    ('rds_public', CAST(properties['publicly_accessible'] = 'true', 'Nullable(UInt8)'), map('engine', toString(properties['engine']), 'endpoint', toString(properties['endpoint'])), arrayFilter(n -> NOT mapContains(properties, n), ['publicly_accessible'])),
                    ('rds_unencrypted', CAST(properties['storage_encrypted'] = 'false', 'Nullable(UInt8)'), map('engine', toString(properties['engine'])), arrayFilter(n -> NOT mapContains(properties, n), ['storage_encrypted'])),
                    ('rds_backup_short', CAST(if(resource_type = 'rds:db' AND (properties['db_cluster_identifier'] != '' OR arrayExists(x -> x.1 = 'created_from', relations)), false, toInt32OrNull(properties['backup_retention_period']) < toUInt16(if(settings['rds_backup_short.days'] = '', '7', settings['rds_backup_short.days']))), 'Nullable(UInt8)'), map('backup_retention_period', toString(properties['backup_retention_period'])), arrayFilter(n -> NOT mapContains(properties, n), ['backup_retention_period'])),
                    ('rds_unprotected', CAST(if(properties['db_cluster_identifier'] != '' AND resource_type = 'rds:db', false, has(arrayFilter(v -> v != '', splitByChar(',', if(settings['rds_unprotected.roles'] = '', 'production', settings['rds_unprotected.roles']))), toString(account_role)) AND properties['deletion_protection'] = 'false'), 'Nullable(UInt8)'), map('engine', toString(properties['engine']), 'role', toString(toString(account_role))), arrayFilter(n -> NOT mapContains(properties, n), ['deletion_protection']))
                ],
                resource_type = 'rds:snapshot',
                [
                    ('rds_snapshot_old', CAST(if(properties['snapshot_type'] != 'manual', false, parseDateTime64BestEffortOrNull(properties['snapshot_create_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['rds_snapshot_old.days'] = '', '180', settings['rds_snapshot_old.days'])))), 'Nullable(UInt8)'), map('snapshot_create_time', toString(properties['snapshot_create_time']), 'allocated_storage', toString(properties['allocated_storage'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type', 'snapshot_create_time'])),
                    ('rds_snapshot_public', CAST(multiIf(properties['snapshot_type'] != 'manual', false, NOT mapContains(properties, 'attributes'), NULL, arrayExists(a -> has(JSONExtract(a, 'AttributeValues', 'Array(String)'), 'all'), JSONExtractArrayRaw(properties['attributes']))), 'Nullable(UInt8)'), map('attributes', toString(properties['attributes'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type']))
                ],
                resource_type = 'redshift:cluster',
                [
                    ('redshift_public', CAST(properties['publicly_accessible'] = 'true', 'Nullable(UInt8)'), map('endpoint', toString(properties['endpoint'])), arrayFilter(n -> NOT mapContains(properties, n), ['publicly_accessible'])),
                    ('redshift_unencrypted', CAST(properties['encrypted'] = 'false', 'Nullable(UInt8)'), map('node_type', toString(properties['node_type'])), arrayFilter(n -> NOT mapContains(properties, n), ['encrypted']))
                ],
                resource_type = 's3:bucket',
                [
                    ('s3_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['policy'])),
                    ('s3_public_block', CAST(properties['public_access_block'] = 'none' OR arrayExists(k -> NOT JSONExtractBool(properties['public_access_block'], k), ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']), 'Nullable(UInt8)'), map('public_access_block', toString(properties['public_access_block'])), arrayFilter(n -> NOT mapContains(properties, n), ['public_access_block'])),
                    ('s3_unencrypted', CAST(properties['encryption'] = 'none', 'Nullable(UInt8)'), map('encryption', toString(properties['encryption'])), arrayFilter(n -> NOT mapContains(properties, n), ['encryption']))
                ],
                resource_type = 'secretsmanager:secret',
                [
                    ('secret_unused', CAST(if(properties['deleted_date'] != '', false, parseDateTime64BestEffortOrNull(if(properties['last_accessed_date'] = '', properties['created_date'], properties['last_accessed_date']), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['secret_unused.days'] = '', '90', settings['secret_unused.days'])))), 'Nullable(UInt8)'), map('last_accessed_date', toString(properties['last_accessed_date']), 'created_date', toString(properties['created_date'])), arrayFilter(n -> NOT mapContains(properties, n), ['created_date'])),
                    ('secret_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['resource_policy']))
                ],
                resource_type = 'sns:topic',
                [
                    ('sns_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['policy']))
                ],
                resource_type = 'sqs:queue',
                [
                    ('sqs_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['queue_url']))
                ],
                []),
            if(resource_type IN ('ec2:instance', 'ec2:volume', 'ec2:network-interface', 'rds:cluster', 'elasticloadbalancing:loadbalancer', 'eks:cluster'), [('owner_inconsistent', CAST(marqo_customer != '' AND arrayExists(u -> u.1 IN ('attached_to', 'member_of') AND u.3 != '' AND u.3 != marqo_customer, used_by), 'Nullable(UInt8)'), map('owner', toString(toString(marqo_customer)), 'others', toString(arrayStringConcat(arrayDistinct(arrayMap(u -> u.3, arrayFilter(u -> u.1 IN ('attached_to', 'member_of') AND u.3 != '' AND u.3 != marqo_customer, used_by))), ', '))), CAST([], 'Array(String)'))], []),
            if(resource_type IN ('ec2:instance', 'ec2:volume', 'ec2:snapshot', 'ec2:natgateway', 'ec2:elastic-ip', 'rds:db', 'rds:cluster', 's3:bucket', 'eks:cluster', 'ecs:service', 'elasticloadbalancing:loadbalancer', 'lambda:function', 'dynamodb:table', 'elasticache:replicationgroup', 'elasticache:cluster', 'redshift:cluster', 'elasticfilesystem:file-system', 'sqs:queue', 'sns:topic'), [('owner_missing', CAST(if(marqo_customer = '' AND NOT arrayExists(k -> k NOT IN ('event_id', 'event_name', 'event_source', 'request_id'), mapKeys(properties)), NULL, marqo_customer = '' AND (empty(arrayFilter(v -> v != '', splitByChar(',', if(settings['owner_missing.roles'] = '', '', settings['owner_missing.roles'])))) OR has(arrayFilter(v -> v != '', splitByChar(',', if(settings['owner_missing.roles'] = '', '', settings['owner_missing.roles']))), toString(account_role)))), 'Nullable(UInt8)'), map('tags', toString(arrayStringConcat(mapKeys(tags), ', '))), CAST([], 'Array(String)'))], []))) AS finding
    FROM polo.rule_resources
) AS judged
WHERE settings[concat(finding.1, '.enabled')] != 'false'
UNION ALL
WITH (SELECT CAST(groupArray((concat(rule, '.', parameter), value)), 'Map(String, String)') FROM polo.rule_settings FINAL WHERE value != '') AS settings
SELECT
    finding.1 AS rule,
    toUInt32(transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0)) AS version,
    multiIf(notEmpty(finding.4) OR finding.2 IS NULL, 'unknown', finding.2 = 1, 'violated', 'clean') AS answer,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['high', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'medium', 'low', 'low', 'high', 'medium', 'critical', 'medium', 'high', 'low', 'low', 'medium', 'high', 'medium', 'medium', 'critical', 'low', 'low', 'medium', 'medium', 'high', 'critical', 'high', 'high', 'high', 'critical', 'high', 'medium', 'critical', 'critical', 'high', 'high', 'medium', 'high', 'medium', 'medium', 'high', 'low', 'medium', 'medium', 'low'], '') AS severity,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['Customer over budget', 'Volume of an old generation', 'Old snapshot that no image uses', 'Volume attached to nothing', 'Instance stopped for long', 'Address associated with nothing', 'Network interface attached to nothing', 'Load balancer without targets', 'Logs kept for ever', 'NAT gateway that no route leads to', 'Old manual snapshot of a database', 'Secret that nobody reads', 'Image that everybody may launch', 'Distribution that answers without TLS', 'Table open to everybody', 'Volume not encrypted', 'Instance answers IMDSv1', 'Instance without an instance profile', 'Repository whose images are not scanned', 'File system not encrypted', 'Cluster whose API answers the world', 'Cluster that does not encrypt its secrets with a key of yours', 'Cache not encrypted', 'Role open to everybody', 'Role that nobody uses', 'Key that is not rotated', 'Function on a runtime that has ended', 'Launch template allows IMDSv1', 'Database with a public address', 'Snapshot of a database that everybody may restore', 'Database not encrypted', 'Warehouse with a public address', 'Warehouse not encrypted', 'Bucket open to everybody', 'Bucket without the whole public access block', 'Bucket without default encryption', 'Secret open to everybody', 'Security group opens administration to the world', 'Topic open to everybody', 'Queue open to everybody', 'VPC without a flow log', 'Certificate about to expire', 'Production table without deletion protection', 'Database with short backups', 'Production database without deletion protection', 'Target group of a load balancer without targets', 'Resource of one owner attached to one of another', 'Resource without an owner', 'Security group that nothing uses'], '') AS title,
    judged.arn AS arn,
    judged.platform AS platform,
    judged.account_id AS account_id,
    judged.account_role AS account_role,
    judged.region AS region,
    judged.service AS service,
    judged.resource_type AS resource_type,
    judged.resource_id AS resource_id,
    judged.resource_name AS resource_name,
    judged.marqo_customer AS marqo_customer,
    judged.marqo_cluster AS marqo_cluster,
    judged.marqo_index AS marqo_index,
    judged.first_ts AS first_ts,
    judged.last_ts AS last_ts,
    finding.3 AS evidence, finding.4 AS missing
FROM
(
    SELECT
        arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, first_ts, last_ts,
        arrayJoin([
                    ('customer_over_budget', CAST(cost > budget * toUInt16(if(settings['customer_over_budget.percent'] = '', '100', settings['customer_over_budget.percent'])) / 100, 'Nullable(UInt8)'), map('cost', toString(cost), 'budget', toString(budget), 'currency', toString(currency)), CAST([], 'Array(String)'))
        ]) AS finding
    FROM polo.rule_customers
) AS judged
WHERE settings[concat(finding.1, '.enabled')] != 'false'
COMMENT 'One row for each resource and rule that judges it: violated, clean, or unknown where what the rule needs was not read'
