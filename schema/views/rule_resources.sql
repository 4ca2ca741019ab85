-- rule_resources: each resource that is there, with what rules judge it by beside its own fields: what names it,
-- which types were read to their end where it is, and which statements of its policies let everybody in.
--
-- A statement is open that allows every principal, unless a condition narrows it: one that names an account, an
-- organisation, a network or a source, does not hold where its key is missing, and has a value that is not itself
-- everything. A refusal of everybody outside such a condition closes what the policy opens.

CREATE OR REPLACE VIEW polo.rule_resources{{on_cluster}}
(
    arn String COMMENT 'Key of the resource',
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
    state String COMMENT 'State of the resource, in the words of the source: running',
    relations Array(Tuple(String, String)) COMMENT 'Resources that it relates to: (type, target_arn)',
    used_by Array(Tuple(String, String, String, Bool)) COMMENT 'What relates to it: (type, resource_type, marqo_customer, and of target groups whether they have targets)',
    scans Array(Tuple(String, DateTime64(3, 'UTC'))) COMMENT 'Types of its account and region that were read to their end, and not refused since: (resource_type, when)',
    open_statements Array(String) COMMENT 'Statements of its policies that let everybody in, as JSON',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of the last event, UTC'
)
AS SELECT
    r.arn AS arn, toString(r.platform) AS platform, toString(r.account_id) AS account_id,
    if(a.role != '', toString(a.role), toString(r.account_role)) AS account_role,
    toString(r.region) AS region, toString(r.service) AS service, toString(r.resource_type) AS resource_type, r.resource_id AS resource_id, r.resource_name AS resource_name,
    r.marqo_customer AS marqo_customer, r.marqo_cluster AS marqo_cluster, r.marqo_index AS marqo_index, r.state AS state, r.relations AS relations,
    u.used_by AS used_by, s.scans AS scans,
    if(arrayExists(t -> t.2 AND t.3 AND t.5 != '', r.statements), [], arrayMap(t -> t.1, arrayFilter(t -> NOT t.2 AND t.3 AND t.4, r.statements))) AS open_statements,
    r.tags AS tags, r.properties AS properties, r.first_ts AS first_ts, r.last_ts AS last_ts
FROM
(
    SELECT
        *,
        -- Of each statement: its text, whether it refuses, whether it is about everybody, whether no condition narrows it, and
        -- which condition a refusal of all actions excepts.
        arrayMap(
            t -> (
                t,
                JSONExtractString(t, 'Effect') = 'Deny',
                JSONExtractString(t, 'Principal') = '*' OR JSONExtractString(t, 'Principal', 'AWS') = '*' OR has(JSONExtract(t, 'Principal', 'AWS', 'Array(String)'), '*')
                    OR JSONExtractString(t, 'Effect') = 'Allow' AND JSONHas(t, 'NotPrincipal'),
                NOT arrayExists( {{- /* mutant:conditions-narrow-nothing */}}
                    c -> NOT match(c.1, '(?i)(^ForAllValues:|IfExists$|Not|^Null$)')
                        AND arrayExists(
                            k -> match(k.1, '(?i)^(aws:(source(account|arn|owner|orgid|orgpaths|vpc|vpce|ip)|vpcsourceip|principal(account|arn|orgid|orgpaths|isawsservice|servicename)|userid|username|federatedprovider)|[a-z0-9-]+:calleraccount|s3:dataaccesspointaccount|lambda:sourcefunctionarn|elasticfilesystem:accesspointarn|sns:endpoint|[a-z0-9.-]+:(sub|aud|amr|app_id|oaud))$')
                                AND NOT match(k.2, '"(\\*|arn:[^":]*:[^":]*:[^":]*:\\*?:\\*|arn:\\*|0\\.0\\.0\\.0/[01]|128\\.0\\.0\\.0/1|::/[01]|8000::/1)"'),
                            JSONExtractKeysAndValuesRaw(c.2)),
                    JSONExtractKeysAndValuesRaw(t, 'Condition')),
                if(match(JSONExtractRaw(t, 'Action'), '^\\[?"(\\*|[a-zA-Z0-9-]+:\\*)"\\]?$'),
                    arrayStringConcat(arrayFilter(k -> match(k, '(?i)aws:(source(account|arn|owner|orgid|vpc|vpce|ip)|principal(account|arn|orgid|orgpaths))'),
                        arrayFlatten(arrayMap(c -> if(match(c.1, '(?i)Not') AND NOT match(c.1, '(?i)^ForAnyValue:'), arrayMap(k -> k.1, JSONExtractKeysAndValuesRaw(c.2)), []), JSONExtractKeysAndValuesRaw(t, 'Condition')))), ','),
                    '')),
            if(policies = '', [], arrayFlatten(arrayMap(p -> if(JSONType(p, 'Statement') = 'Object', [JSONExtractRaw(p, 'Statement')], JSONExtractArrayRaw(p, 'Statement')), [policies])))) AS statements
    FROM
    (
        SELECT *, multiIf(properties['policy'] != '', properties['policy'], properties['resource_policy'] != '', properties['resource_policy'], properties['assume_role_policy_document']) AS policies
        FROM polo.resources_current
    )
) AS r
LEFT ANY JOIN
(
    SELECT edge.2 AS target, arraySort(groupUniqArray((edge.1, toString(resource_type), marqo_customer, (properties['targets'] NOT IN ('', 'none'))::Bool))) AS used_by
    FROM polo.resources_current
    ARRAY JOIN relations AS edge
    GROUP BY target
) AS u ON r.arn = u.target
LEFT ANY JOIN
(
    -- A scan that was refused since leaves what it did not see unknown.
    SELECT account_id, region, arraySort(groupArray((toString(resource_type), scanned_at))) AS scans
    FROM
    (
        SELECT c.account_id AS account_id, c.region AS region, c.resource_type AS resource_type, c.scanned_at AS scanned_at
        FROM (SELECT account_id, region, resource_type, scanned_at FROM polo.resource_scans) AS c
        LEFT ANY JOIN
        (
            SELECT account_id, region, resource_type, max(ts) AS refused FROM polo.scans FINAL
            WHERE event_type = 'scan.incomplete' AND resource_type != '' GROUP BY account_id, region, resource_type
        ) AS g ON c.account_id = g.account_id AND c.region = g.region AND c.resource_type = g.resource_type
        LEFT ANY JOIN
        (
            SELECT account_id, region, splitByChar(':', toString(source))[1] AS platform, max(ts) AS refused FROM polo.scans FINAL
            WHERE event_type = 'scan.incomplete' AND resource_type = '' AND delivery = '' GROUP BY account_id, region, platform
        ) AS w ON c.account_id = w.account_id AND c.region = w.region AND concat('aws.', splitByChar(':', toString(c.resource_type))[1]) = w.platform
        WHERE c.scanned_at >= g.refused AND c.scanned_at >= w.refused {{- /* mutant:refused-scans-are-believed */}}
    )
    GROUP BY account_id, region
) AS s ON r.account_id = s.account_id AND r.region = s.region
LEFT ANY JOIN
(
    SELECT platform, account_id, role FROM polo.accounts
) AS a ON r.platform = a.platform AND r.account_id = a.account_id
COMMENT 'One row for each resource that is there now, with what rules judge it by: what relates to it, which types were read to their end, which statements of its policies are open to everybody'
