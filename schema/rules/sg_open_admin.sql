-- title: Security group opens administration to the world
-- version: 1
-- group: security
-- severity: critical
-- text: Ports of remote administration and of databases that answer the whole internet, v4 or v6, are tried within minutes; ranges of ports and all protocols
-- text: count.
-- remedy: Allow named addresses only, or use Session Manager.
-- type: ec2:security-group
-- need: group_name
-- read: ip_permissions
-- param: ports Array(String) | default 22,3389,3306,5432,1433,1521,6379,27017,9200,11211,5985,5986,2375,2376 | max 5 | items 50 | Ports of administration and of databases
-- column: open String | The permissions that are open, as JSON

SELECT
    notEmpty(arrayFilter(
        p -> hasAny(arrayConcat(
                arrayMap(x -> JSONExtractString(x, 'CidrIp'), JSONExtractArrayRaw(p, 'IpRanges')),
                arrayMap(x -> JSONExtractString(x, 'CidrIpv6'), JSONExtractArrayRaw(p, 'Ipv6Ranges'))),
            ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2000::/3'])
            AND (JSONExtractString(p, 'IpProtocol') = '-1'
                OR JSONExtractString(p, 'IpProtocol') IN ('tcp', '6') AND (NOT JSONHas(p, 'FromPort')
                    OR arrayExists(n -> toInt32OrZero(n) BETWEEN JSONExtractInt(p, 'FromPort') AND JSONExtractInt(p, 'ToPort'), {ports:Array(String)}))),
        JSONExtractArrayRaw(properties['ip_permissions']))) AS violated,
    arrayStringConcat(arrayFilter(
        p -> hasAny(arrayConcat(
                arrayMap(x -> JSONExtractString(x, 'CidrIp'), JSONExtractArrayRaw(p, 'IpRanges')),
                arrayMap(x -> JSONExtractString(x, 'CidrIpv6'), JSONExtractArrayRaw(p, 'Ipv6Ranges'))),
            ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2000::/3'])
            AND (JSONExtractString(p, 'IpProtocol') = '-1'
                OR JSONExtractString(p, 'IpProtocol') IN ('tcp', '6') AND (NOT JSONHas(p, 'FromPort')
                    OR arrayExists(n -> toInt32OrZero(n) BETWEEN JSONExtractInt(p, 'FromPort') AND JSONExtractInt(p, 'ToPort'), {ports:Array(String)}))),
        JSONExtractArrayRaw(properties['ip_permissions'])), ', ') AS open
FROM polo.rule_resources
